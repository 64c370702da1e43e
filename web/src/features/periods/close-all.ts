// Closing every ended period, one after the other, with progress. It can be stopped and taken up again: what is closed stays closed.
import { useEffect, useRef, useState } from "react";
import { useClient, type Client } from "urql";
import {
  OperateClosePeriod,
  OperateOpenPeriods,
  type OperateClosePeriodMutation,
  type OperateOpenPeriodFragment,
} from "./operate-periods.generated";

type Invoice = NonNullable<OperateClosePeriodMutation["closePeriod"]["invoice"]>;

/** How far the closing has come. */
export interface Closings {
  phase: "idle" | "running" | "done" | "stopped" | "failed";
  total: number;
  invoices: Invoice[];
  /** Periods that stayed open, and the code of why. */
  refused: { open: OperateOpenPeriodFragment; code: string }[];
}

const NOTHING: Closings = { phase: "idle", total: 0, invoices: [], refused: [] };

export function useCloseAll() {
  const client = useClient();
  const [closings, setClosings] = useState<Closings>(NOTHING);
  const stopping = useRef(false);
  useEffect(() => () => void (stopping.current = true), []);
  const start = async () => {
    stopping.current = false;
    setClosings({ ...NOTHING, phase: "running" });
    try {
      await closeEach(client, setClosings, () => stopping.current);
      setClosings((now) => ({ ...now, phase: stopping.current ? "stopped" : "done" }));
    } catch {
      setClosings((now) => ({ ...now, phase: "failed" }));
    }
  };
  return { closings, start, stop: () => void (stopping.current = true) };
}

type Report = (change: (now: Closings) => Closings) => void;

async function closeEach(client: Client, report: Report, isStopping: () => boolean): Promise<void> {
  const ended = await endedPeriods(client);
  report((now) => ({ ...now, total: ended.length }));
  for (const open of ended) {
    if (isStopping()) return;
    const input = { agreementId: open.agreement.id, periodStart: open.period.start, idempotencyKey: crypto.randomUUID() };
    const { data, error } = await client.mutation(OperateClosePeriod, { input }).toPromise();
    if (data === undefined) throw error ?? new Error("no data");
    const { invoice, errors } = data.closePeriod;
    const code = errors[0]?.code;
    report((now) => ({
      ...now,
      invoices: invoice === null ? now.invoices : [...now.invoices, invoice],
      refused: code === undefined ? now.refused : [...now.refused, { open, code }],
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
