// Closing every ended period, one after the other, with progress. It can be stopped and taken up again: what is closed stays closed.
import { useSyncExternalStore } from "react";
import { useClient, type Client } from "urql";
import {
  OperateClosePeriod,
  OperateOpenPeriods,
  type OperateClosePeriodMutation,
  type OperateOpenPeriodFragment,
} from "./operate-periods.generated";

type Invoice = NonNullable<OperateClosePeriodMutation["closePeriod"]["invoice"]>;

type Refusal = OperateClosePeriodMutation["closePeriod"]["errors"][number];

/** How far the closing has come. */
export interface Closings {
  phase: "idle" | "running" | "done" | "stopped" | "failed";
  total: number;
  invoices: Invoice[];
  /** Periods that stayed open, and why. */
  refused: { open: OperateOpenPeriodFragment; refusal: Refusal }[];
}

const NOTHING: Closings = { phase: "idle", total: 0, invoices: [], refused: [] };

// The work belongs to the tab and not to the page, so that the page can be left meanwhile and come back to.
const listeners = new Set<() => void>();
let closings = NOTHING;
let isStopping = false;

export function useCloseAll() {
  const client = useClient();
  const state = useSyncExternalStore(listen, () => closings);
  return { closings: state, start: () => void closeAll(client), stop: () => void (isStopping = true) };
}

async function closeAll(client: Client): Promise<void> {
  if (closings.phase === "running") return;
  isStopping = false;
  report(() => ({ ...NOTHING, phase: "running" }));
  try {
    await closeEach(client);
    report((now) => ({ ...now, phase: isStopping ? "stopped" : "done" }));
  } catch {
    report((now) => ({ ...now, phase: "failed" }));
  }
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function report(change: (now: Closings) => Closings): void {
  closings = change(closings);
  listeners.forEach((listener) => listener());
}

async function closeEach(client: Client): Promise<void> {
  const ended = await endedPeriods(client);
  report((now) => ({ ...now, total: ended.length }));
  for (const open of ended) {
    if (isStopping) return;
    const input = { agreementId: open.agreement.id, periodStart: open.period.start, idempotencyKey: crypto.randomUUID() };
    const { data, error } = await client.mutation(OperateClosePeriod, { input }).toPromise();
    if (data === undefined) throw error ?? new Error("no data");
    const { invoice, errors } = data.closePeriod;
    const [refusal] = errors;
    report((now) => ({
      ...now,
      invoices: invoice === null ? now.invoices : [...now.invoices, invoice],
      refused: refusal === undefined ? now.refused : [...now.refused, { open, refusal }],
    }));
  }
}

/** All ended periods as they are now. They are read before any is closed, since closing moves the list under its cursor. */
async function endedPeriods(client: Client): Promise<OperateOpenPeriodFragment[]> {
  const periods: OperateOpenPeriodFragment[] = [];
  let after: string | null = null;
  for (;;) {
    const variables = { first: 100, after, filter: { endedOnly: true } };
    const answer: { data?: { openPeriods: Page } | undefined } = await client
      .query(OperateOpenPeriods, variables, { requestPolicy: "network-only" })
      .toPromise();
    if (answer.data === undefined) throw new Error("no data");
    const page = answer.data.openPeriods;
    periods.push(...page.nodes);
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null) return periods;
    after = page.pageInfo.endCursor;
  }
}

interface Page {
  nodes: OperateOpenPeriodFragment[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
