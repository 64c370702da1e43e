// A list that grows while one scrolls: pages of 100 are read as the end comes near.
import type { AnyVariables, CombinedError, TypedDocumentNode } from "@urql/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import type { Connection } from "./paging";

interface PagesOptions<Data, Variables, Row> {
  query: TypedDocumentNode<Data, Variables>;
  variables: (page: { first: number; after: string | null }) => Variables;
  pick: (data: Data) => Connection & { nodes: readonly Row[] };
  /** Names the list: another key is another list, read from its start. */
  listKey: string;
}

interface Pages<Row> {
  rows: readonly Row[];
  /** How many there are in all; null until the first page is here. */
  total: number | null;
  error: CombinedError | undefined;
  isReading: boolean;
  /** Reads the next page, unless one is being read or there is none. */
  more: () => void;
  /** Reads from the start. */
  restart: () => void;
}

interface Read<Row> {
  rows: readonly Row[];
  total: number | null;
  after: string | null;
  isDone: boolean;
  error: CombinedError | undefined;
}

const PAGE = 100;
const UNREAD = { rows: [], total: null, after: null, isDone: false, error: undefined };

/** Reads a connection page by page; what an older list still answers is dropped. */
export function usePages<Data, Variables extends AnyVariables, Row>(options: PagesOptions<Data, Variables, Row>): Pages<Row> {
  const client = useClient();
  const latest = useRef(options);
  latest.current = options;
  const run = useRef(0);
  const reading = useRef(false);
  const state = useRef<Read<Row>>(UNREAD);
  const [shown, setShown] = useState<Read<Row>>(UNREAD);
  const more = useCallback(async () => {
    const { rows, after, isDone } = state.current;
    if (reading.current || isDone) return;
    reading.current = true;
    const mine = run.current;
    const { query, variables, pick } = latest.current;
    const answer = await client.query(query, variables({ first: PAGE, after }), { requestPolicy: "network-only" }).toPromise();
    if (mine !== run.current) return;
    reading.current = false;
    if (answer.data === undefined) {
      state.current = { ...state.current, error: answer.error };
    } else {
      const { nodes, totalCount, pageInfo } = pick(answer.data);
      state.current = {
        rows: [...rows, ...nodes],
        total: Number(totalCount),
        after: pageInfo.endCursor,
        isDone: !pageInfo.hasNextPage || pageInfo.endCursor === null,
        error: undefined,
      };
    }
    setShown(state.current);
  }, [client]);
  const restart = useCallback(() => {
    run.current += 1;
    reading.current = false;
    state.current = UNREAD;
    setShown(UNREAD);
    void more();
  }, [more]);
  useEffect(restart, [restart, options.listKey]);
  const { rows, total, error } = shown;
  return { rows, total, error, isReading: total === null && error === undefined, more: () => void more(), restart };
}
