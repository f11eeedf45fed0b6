import type { StoredAsset } from "@inlet/contracts";
import { IconMusic } from "@tabler/icons-react";
import { useLibrary } from "./library.ts";
import classes from "./thumb.module.css";

/** What an asset looks like, small. Its name stands beside it. */
export function Thumb({
  asset,
  size = "small",
}: {
  asset: Pick<StoredAsset, "kind" | "sha256">;
  size?: "small" | "large";
}) {
  const { urlOf } = useLibrary();
  return (
    <span className={classes.thumb} data-size={size}>
      {asset.kind === "image" && <img src={urlOf(asset)} alt="" loading="lazy" />}
      {asset.kind === "video" && <video src={urlOf(asset)} muted preload="metadata" tabIndex={-1} aria-hidden />}
      {asset.kind === "audio" && <IconMusic size={size === "small" ? 16 : 28} aria-hidden />}
    </span>
  );
}
