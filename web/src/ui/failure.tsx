// A request that failed, said in full: what happened, what it means for money, what to do.
import type { CombinedError } from "@urql/core";
import type { ReactNode } from "react";
import { failureOf } from "../lib/failure";
import { ErrorState } from "./state";

interface FailureProps {
  error: CombinedError;
  onRetry?: (() => void) | undefined;
  /** What it means for money, where not only reading failed. */
  money?: ReactNode;
  action?: ReactNode;
  /** Whether nothing else is on the page. */
  isPage?: boolean | undefined;
}

export function Failure({ error, ...rest }: FailureProps) {
  const { kind, correlationId } = failureOf(error);
  return <ErrorState kind={kind} correlationId={correlationId} {...rest} />;
}
