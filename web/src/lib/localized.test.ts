import { expect, test } from "vitest";
import { localizedInput, localizedProblem, textIn, unfolded } from "./localized";

test("blank languages are not sent", () => {
  expect(localizedInput({ en: " A ", zh: " " })).toEqual({ en: "A" });
});

test("a text that fell back to the other language is taken as written once", () => {
  expect(unfolded("分词", "分词")).toEqual({ en: "", zh: "分词" });
  expect(unfolded("OCR", "OCR")).toEqual({ en: "OCR", zh: "" });
  expect(unfolded("Words", "分词")).toEqual({ en: "Words", zh: "分词" });
});

test("the other language stands in for a missing one", () => {
  expect(textIn({ en: "", zh: "分词" }, "en")).toBe("分词");
  expect(textIn({ en: "Words", zh: "分词" }, "zh")).toBe("分词");
});

test("the platform's rules for texts", () => {
  expect(localizedProblem({ en: "", zh: " " }, 3)).toBe("empty");
  expect(localizedProblem({ en: "abcd", zh: "" }, 3)).toBe("too-long");
  expect(localizedProblem({ en: "𠀀𠀀𠀀", zh: "" }, 3)).toBeNull();
  expect(localizedProblem({ en: "a\u202eb", zh: "" }, 9)).toBe("control");
  expect(localizedProblem({ en: "a\nb", zh: "" }, 9)).toBeNull();
});
