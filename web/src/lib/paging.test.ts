import { expect, test, vi } from "vitest";
import { pageArguments, pagerProps, validPaging } from "./paging";

test("what is no paging is left out of the address", () => {
  expect(validPaging({ trail: ["a"], size: 50 })).toEqual({ trail: ["a"], size: 50 });
  expect(validPaging({ trail: "a", size: 7 })).toEqual({});
  expect(validPaging({ trail: [], size: 20 })).toEqual({});
  expect(validPaging({ trail: [1] })).toEqual({});
});

test("the last cursor of the trail begins the page", () => {
  expect(pageArguments({})).toEqual({ first: 20, after: null });
  expect(pageArguments({ trail: ["a", "b"], size: 50 })).toEqual({ first: 50, after: "b" });
});

test("forth adds a cursor, back takes it away, another size begins anew", () => {
  const go = vi.fn();
  const connection = { totalCount: "112", pageInfo: { hasNextPage: true, endCursor: "c" }, nodes: [1, 2] };
  const pager = pagerProps({ trail: ["b"] }, connection, go);
  expect(pager.from).toBe(21);
  pager.onNext();
  expect(go).toHaveBeenLastCalledWith({ trail: ["b", "c"], size: undefined });
  pager.onPrevious();
  expect(go).toHaveBeenLastCalledWith({ trail: undefined, size: undefined });
  pager.onPageSize(50);
  expect(go).toHaveBeenLastCalledWith({ trail: undefined, size: 50 });
});
