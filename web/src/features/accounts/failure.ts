// A request that never came to an answer, as a form shows it beside refusals.
import type { UserErrorLike } from "@/ui/form-errors";

/** The refusal that stands for a failed request: its code where the gateway gave one. */
export function failureOf(code: string | undefined): UserErrorLike {
  return { code: code ?? "UNREACHABLE", message: code ?? "The platform did not answer.", path: [] };
}
