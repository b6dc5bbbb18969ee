// The line below the timeline that moves while steps run. It exists on a screen only and leaves nothing behind.
import { colorsOf, type Terminal } from './terminal.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
const eraseLine = '\r\x1b[2K';

export type Spinner = {
  /** Prints a line above the spinner. */
  print(line: string): void;
  /** What is going on now; an empty text takes the spinner away. */
  show(text: string): void;
  stop(): void;
};

/** A spinner of a terminal; where that is no screen it prints lines and shows nothing. */
export function createSpinner(terminal: Terminal): Spinner {
  const print = (line: string) => terminal.out(`${line}\n`);
  if (!terminal.rich) return { print, show: () => undefined, stop: () => undefined };
  const colors = colorsOf(terminal);
  let text = '';
  let frame = 0;
  const draw = () => {
    if (text === '') return;
    const room = terminal.columns - 3;
    const cut = text.length > room ? `${text.slice(0, room - 1)}…` : text;
    terminal.out(`${eraseLine}${colors.cyan(frames[frame % frames.length] ?? '')} ${colors.dim(cut)}`);
  };
  const erase = () => {
    if (text !== '') terminal.out(eraseLine);
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, frameMs);
  timer.unref();
  return {
    print(line) {
      erase();
      print(line);
      draw();
    },
    show(next) {
      if (next === text) return;
      erase();
      text = next;
      draw();
    },
    stop() {
      clearInterval(timer);
      erase();
      text = '';
    },
  };
}
