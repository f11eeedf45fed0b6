/** All of standard input as text. */
export async function readStandardInput(): Promise<string> {
  return (await readStandardInputBytes()).toString("utf8");
}

/** All of standard input. */
export async function readStandardInputBytes(): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Asks for a secret on the terminal; what is typed is not shown. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  let secret = "";
  try {
    for await (const typed of stdin) {
      for (const letter of typed as string) {
        if (letter === "\r" || letter === "\n") return secret;
        if (letter === "\u0003") throw new DOMException("interrupted", "AbortError");
        secret = letter === "\u007f" || letter === "\b" ? secret.slice(0, -1) : secret + letter;
      }
    }
    return secret;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}
