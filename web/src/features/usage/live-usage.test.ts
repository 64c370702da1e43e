import { expect, test } from "vitest";
import type { CallRowFragment } from "./calls.generated";
import { heard, merged, NOTHING_HEARD, ROWS_MAX } from "./live-usage";

function call(id: string): CallRowFragment {
  return { id } as CallRowFragment;
}

function message(ids: string[], used = "0") {
  const status = { meter: "CHARACTER", included: "100", used, held: "0", remaining: "0", valueAdded: "0", resetsAt: "" } as const;
  return {
    cursor: "c",
    calls: String(ids.length),
    invocations: ids.map(call),
    allowance: [{ agreement: { id: "a", estimatedCharge: used }, allowance: [status] }],
  };
}

test("the newest call is on top, and a repeated message doubles nothing but the count it tells", () => {
  const once = heard(NOTHING_HEARD, message(["1", "2"]));
  const twice = heard(once, message(["2", "3"]));
  expect(twice.calls.map(({ id }) => id)).toEqual(["3", "2", "1"]);
  expect(twice.count).toBe(4n);
});

test("an allowance is as the last message says", () => {
  const after = heard(heard(NOTHING_HEARD, message(["1"], "40")), message(["2"], "60"));
  expect(after.allowances.get("a")?.[0]?.used).toBe("60");
  expect(after.charges.get("a")).toBe("60");
});

test("rows stay bounded however many calls arrive", () => {
  const many = Array.from({ length: 80 }, (_, index) => call(String(index)));
  expect(merged(many, [call("older")])).toHaveLength(ROWS_MAX);
});
