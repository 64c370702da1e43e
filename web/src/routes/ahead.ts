// What a route asks the platform for while its code is still on the way, so that the answers do not wait for the code.
import type { AnyVariables, OperationContext, TypedDocumentNode } from "@urql/core";
import { askAhead } from "@/lib/client";
import { currentLocale, loadLanguage } from "@/lib/intl";
import { VIEWER_CONTEXT } from "@/lib/viewer";
import { Viewer } from "@/lib/viewer.generated";

/**
 * Asks what a page will ask. Nobody waits for the answers, and nobody is told of a failure but the page.
 * A page that is only pointed at may never be gone to, and one that stays has asked already: for these nothing is asked.
 */
export function ahead({ cause }: Coming, questions: (ask: Ask, language: "EN" | "ZH") => void): void {
  if (cause === "enter") questions(ask, currentLocale() === "zh" ? "ZH" : "EN");
}

/** The loader of an area behind sign-in: who is there, and the area's words. */
export function memberArea(area: "usage" | "sell" | "operate"): (to: Coming) => Promise<void> {
  return (to) => {
    ahead(to, (ask) => ask(Viewer, {}, VIEWER_CONTEXT));
    return loadLanguage(area);
  };
}

interface Coming {
  cause: "preload" | "enter" | "stay";
}

type Ask = typeof ask;

function ask<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  context?: Partial<OperationContext>,
): void {
  askAhead(query, variables, context).catch(() => undefined);
}
