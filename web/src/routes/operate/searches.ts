// What the console's lists keep in their addresses: filters and page, read strictly.
import type { CapabilitiesChoice } from "@/features/catalog/capability-table";
import { invoiceChoiceOf } from "@/features/invoices/choice";
import type { OperateInvoicesChoice } from "@/features/invoices/operate-invoice-table";
import type { LedgerChoice } from "@/features/ledger/entry-table";
import type { LogChoice } from "@/features/log/log-table";
import { ACCOUNT_KINDS, SIDES, STANDINGS, STATEMENT_STATES } from "@/features/operate/choices";
import type { AgreementsChoice } from "@/features/organizations/organization-agreements";
import type { OrganizationsChoice } from "@/features/organizations/organization-table";
import type { PeriodsChoice } from "@/features/periods/period-table";
import type { StatementsChoice } from "@/features/statements/operate-statement-table";
import { METERS } from "@/lib/meters";
import { validPaging } from "@/lib/paging";
import { dayOf, given, oneOf, textOf } from "@/lib/search";

type Search = Record<string, unknown>;

export function capabilities(search: Search): CapabilitiesChoice {
  return {
    ...validPaging(search),
    ...given({
      search: textOf(search["search"]),
      category: textOf(search["category"]),
      answered: oneOf(["yes", "no"] as const, search["answered"]),
      meter: oneOf(METERS, search["meter"]),
    }),
  };
}

export function organizations(search: Search): OrganizationsChoice {
  return { ...validPaging(search), ...given({ search: textOf(search["search"]), standing: oneOf(STANDINGS, search["standing"]) }) };
}

export function periods(search: Search): PeriodsChoice {
  return { ...validPaging(search), ...given({ ended: oneOf(["yes"] as const, search["ended"]) }) };
}

export function invoices(search: Search): OperateInvoicesChoice {
  return { ...validPaging(search), ...invoiceChoiceOf(search) };
}

export function organization(search: Search): AgreementsChoice {
  return { ...validPaging(search), ...given({ side: oneOf(SIDES, search["side"]) }) };
}

export function statements(search: Search): StatementsChoice {
  return { ...validPaging(search), ...given({ state: oneOf(STATEMENT_STATES, search["state"]), seller: textOf(search["seller"]) }) };
}

export function ledger(search: Search): LedgerChoice {
  return {
    ...validPaging(search),
    ...given({
      account: oneOf(ACCOUNT_KINDS, search["account"]),
      organization: textOf(search["organization"]),
      invoice: textOf(search["invoice"]),
    }),
  };
}

export function log(search: Search): LogChoice {
  return {
    ...validPaging(search),
    ...given({
      stream: textOf(search["stream"]),
      kind: textOf(search["kind"]),
      correlation: textOf(search["correlation"]),
      actor: textOf(search["actor"]),
      from: dayOf(search["from"]),
      until: dayOf(search["until"]),
      order: oneOf(["NEWEST", "OLDEST"] as const, search["order"]),
    }),
  };
}
