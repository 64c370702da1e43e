// A request that came to no answer, as a form shows it among refusals.
import type { CombinedError } from "@urql/core";
import { codeOf } from "./client";

/** The refusal that stands for a failed request: its code where the gateway gave one. */
export function unanswered(error: CombinedError | undefined): { code: string; message: string; path: string[] } {
  const code = (error === undefined ? undefined : codeOf(error)) ?? "UNREACHABLE";
  return { code, message: error?.message ?? code, path: [] };
}
