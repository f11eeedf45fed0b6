import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { isNotFound } from "../api/failure.ts";
import { Page } from "../parts/page.tsx";
import { Failure } from "../parts/states.tsx";

/** A page that could not be shown. */
export function PageFailure({ error }: ErrorComponentProps) {
  const router = useRouter();
  const boundary = useQueryErrorResetBoundary();
  useEffect(() => boundary.reset(), [boundary]);
  return (
    <Page title={isNotFound(error) ? "Not found" : "This page cannot be shown"}>
      <Failure error={error} retry={() => void router.invalidate()} />
    </Page>
  );
}
