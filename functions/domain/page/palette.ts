// The colours of all pages, light and dark: pairs that reach 7:1 on their ground. What cannot be undone has one that nothing else has (`final`).
export const palette = `:root {
  color-scheme: light dark;
  --ground: #f3f4f6; --card: #ffffff; --text: #14181f; --soft: #434b57; --line: #cfd5dd; --field: #6b7482;
  --accent: #173f9e; --on-accent: #ffffff; --accent-tint: #eaf0fd;
  --good: #0a5230; --good-tint: #e6f5ec; --warn: #6f3900; --warn-tint: #fff3df; --bad: #8c1017; --bad-tint: #fdebeb;
  --final: #5b1a8b; --on-final: #ffffff; --final-line: #5b1a8b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1015; --card: #161a21; --text: #e9ecf1; --soft: #b6bfcc; --line: #323a46; --field: #8893a3;
    --accent: #a9c3ff; --on-accent: #0b1533; --accent-tint: #18233d;
    --good: #8fe3b3; --good-tint: #10281b; --warn: #ffcb80; --warn-tint: #2c210f; --bad: #ffb0b0; --bad-tint: #351619;
    --final: #6a2ca8; --on-final: #ffffff; --final-line: #c9a3f5;
  }
}`;
