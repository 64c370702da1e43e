import { expect, test } from "vitest";
import { failureOf } from "./failure";

function coded(code: string, message = "no"): Parameters<typeof failureOf>[0] {
  return { graphQLErrors: [{ message, extensions: { code } }] as never };
}

test("a stable code decides", () => {
  expect(failureOf(coded("NOT_FOUND"))).toEqual({ kind: "missing" });
  expect(failureOf(coded("RATE_LIMITED"))).toEqual({ kind: "refused" });
  expect(failureOf(coded("UNAUTHENTICATED"))).toEqual({ kind: "expired" });
  expect(failureOf(coded("NEVER_HEARD_OF"))).toEqual({ kind: "failed" });
});

test("a fault's correlation id is kept for whoever asks", () => {
  const id = "01890a5d-ac96-774b-bcce-b302099a8057";
  const fault = coded("INTERNAL", `something failed on our side; quote ${id} when you ask`);
  expect(failureOf(fault)).toEqual({ kind: "failed", correlationId: id });
});

test("without a code the status decides, and without that the network failed", () => {
  const lost = { graphQLErrors: [], networkError: new Error("lost") };
  expect(failureOf(lost)).toEqual({ kind: "unreachable" });
  expect(failureOf({ ...lost, response: { status: 429 } })).toEqual({ kind: "refused" });
  expect(failureOf({ ...lost, response: { status: 401 } })).toEqual({ kind: "expired" });
});
