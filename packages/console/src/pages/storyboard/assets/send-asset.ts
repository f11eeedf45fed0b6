import { ApiRefusal, assetUploadUrl } from "@inlet/client/browser";
import type { ApiErrorBody, Asset } from "@inlet/contracts";
import type { ProjectPath } from "../../project/project-queries.ts";

interface Sending {
  name: string;
  file: File;
  /** How much of it is on its way, 0 to 1. */
  onShare: (share: number) => void;
}

/** Uploads a file. Only this way browsers say how far they are: fetch does not. */
export function sendAsset({ client, project }: ProjectPath, { name, file, onShare }: Sending): Promise<Asset> {
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.open("POST", assetUploadUrl(client, project, { name, fileName: file.name }));
    request.setRequestHeader("inlet-request", "1");
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("content-type", file.type === "" ? "application/octet-stream" : file.type);
    request.upload.addEventListener("progress", ({ loaded, total }) => onShare(total === 0 ? 0 : loaded / total));
    request.addEventListener("error", () => reject(new Error("The hub does not answer. Try it again in a moment.")));
    request.addEventListener("load", () => {
      try {
        const answer: unknown = JSON.parse(request.responseText);
        if (request.status < 400) resolve(answer as Asset);
        else reject(new ApiRefusal(request.status, answer as ApiErrorBody));
      } catch {
        reject(new Error(`The hub answered ${request.status}. Try it again in a moment.`));
      }
    });
    request.send(file);
  });
}
