// The door of the approval page: lets in who has a link or is known to IAM, and answers everybody else alike, at a human pace:
// what fails is counted, and nothing else is, so that nobody who guesses keeps others out. Whatever it cannot read keeps it shut.
import type { Shell } from '../shell.ts';
import { type Asked, type DoorAnswer, plain } from './answer.ts';
import { answerCommand } from './command.ts';
import { servePage } from './page.ts';

/** A reason of 500 characters, each of them twelve in a form, and the rest. */
const mostBytes = 16_384;

/** Answers one HTTP request. Throws nothing: what goes wrong is logged, and told without a word of what it was. */
export async function openDoor(asked: Asked, shell: Shell): Promise<DoorAnswer> {
  const answer = await route(asked, shell).catch((error: unknown) => {
    shell.log.error('door stays shut', { method: asked.method, error: String(error) });
    return plain(503, 'Nothing was recorded. Try again in a minute, or answer with the command line.', {
      'retry-after': '60',
    });
  });
  return asked.method === 'HEAD' ? { ...answer, body: '' } : answer;
}

async function route(asked: Asked, shell: Shell): Promise<DoorAnswer> {
  const { method, path, body } = asked;
  const link = /^\/r\/([^/]{0,512})$/.exec(path)?.[1];
  const request = /^\/requests\/([^/]{1,512})$/.exec(path)?.[1];
  if (link === undefined && request === undefined) return plain(404, 'There is nothing here.');
  const allowed = link === undefined ? ['POST'] : ['GET', 'HEAD', 'POST'];
  if (!allowed.includes(method)) return plain(405, 'This is not offered.', { allow: allowed.join(', ') });
  if (body.byteLength > mostBytes) return plain(413, 'This is too long.');
  return link === undefined ? answerCommand(request ?? '', asked, shell) : servePage(link, asked, shell);
}
