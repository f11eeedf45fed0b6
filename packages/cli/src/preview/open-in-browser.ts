import { spawn } from "node:child_process";

/** Opens an address in the person's browser, where there is one. What goes wrong with that is no matter. */
export function openInBrowser(url: string): void {
  const command = openerOf(process.platform, process.env);
  if (command === undefined || !process.stdout.isTTY) return;
  const [program = "", ...args] = command;
  const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}

function openerOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): readonly string[] | undefined {
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["explorer"];
  // No screen, or that of a machine which a person has come to over the network.
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open"] : undefined;
}
