// Pages of a connection in the address: the cursors that led here, so that each page has a link and a way back.
import type { AnyVariables, Client, TypedDocumentNode } from "@urql/core";

export interface Paging {
  /** The cursors of the pages before this one, the nearest last; absent on the first page. */
  trail?: string[] | undefined;
  /** Rows per page where it is not 20. */
  size?: number | undefined;
}

export const PAGE_SIZES = [20, 50, 100];

/** Takes the paging out of search parameters; what is none is left out. */
export function validPaging(search: Record<string, unknown>): Paging {
  const trail = search["trail"];
  const size = Number(search["size"]);
  const isTrail = Array.isArray(trail) && trail.length > 0 && trail.every((each) => typeof each === "string");
  return {
    ...(isTrail ? { trail: trail as string[] } : {}),
    ...(PAGE_SIZES.includes(size) && size !== PAGE_SIZES[0] ? { size } : {}),
  };
}

/** The arguments of a connection. */
export function pageArguments({ trail, size = 20 }: Paging): { first: number; after: string | null } {
  return { first: size, after: trail?.at(-1) ?? null };
}

export interface Connection {
  totalCount: string;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  nodes: readonly unknown[];
}

/** The props of a `Pager`; `go` puts the paging into the address. */
export function pagerProps(paging: Paging, connection: Connection, go: (paging: Paging) => void) {
  const { trail = [], size = 20 } = paging;
  const { pageInfo, totalCount, nodes } = connection;
  const at = (next: string[]) => go({ trail: next.length === 0 ? undefined : next, size: paging.size });
  return {
    hasPrevious: trail.length > 0,
    hasNext: pageInfo.hasNextPage,
    onPrevious: () => at(trail.slice(0, -1)),
    onNext: () => at(pageInfo.endCursor === null ? trail : [...trail, pageInfo.endCursor]),
    total: totalCount,
    from: trail.length * size + 1,
    shown: nodes.length,
    pageSize: size,
    pageSizes: PAGE_SIZES,
    onPageSize: (chosen: number) => go({ trail: undefined, size: chosen === 20 ? undefined : chosen }),
  };
}

interface Whole<Data, Variables, Row> {
  client: Client;
  query: TypedDocumentNode<Data, Variables>;
  variables: (page: { first: number; after: string | null }) => Variables;
  pick: (data: Data) => Connection & { nodes: readonly Row[] };
  /** Told after each page. */
  report: (done: number, total: number) => void;
}

/** Reads a whole connection, 100 rows at a time. Throws where a page can't be read. */
export async function readAll<Data, Variables extends AnyVariables, Row>(whole: Whole<Data, Variables, Row>): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | null = null;
  for (;;) {
    const answer = await whole.client
      .query(whole.query, whole.variables({ first: 100, after }), { requestPolicy: "network-only" })
      .toPromise();
    if (answer.data === undefined) throw answer.error ?? new Error("no data");
    const page = whole.pick(answer.data);
    rows.push(...page.nodes);
    whole.report(rows.length, Number(page.totalCount));
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null) return rows;
    after = page.pageInfo.endCursor;
  }
}
