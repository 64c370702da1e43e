// The people of the organization and what each may do.
import { useQuery } from "urql";
import { pageArguments, type Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { useViewer } from "@/lib/viewer";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { PagedTable } from "@/ui/paged-table";
import { Instant } from "@/ui/time";
import { VisuallyHidden } from "@/ui/visually-hidden";
import styles from "./accounts.module.css";
import { ChangeRole } from "./change-role";
import { Members, type MemberRowFragment } from "./members.generated";
import { RemoveMember } from "./remove-member";

const CONTEXT = { additionalTypenames: ["Member"] };

export function MemberTable({ paging, go }: { paging: Paging; go: (paging: Paging) => void }) {
  const say = useSay();
  const [{ data, error }, reread] = useQuery({ query: Members, variables: pageArguments(paging), context: CONTEXT });
  return (
    <PagedTable
      caption={say("usage.members.title")}
      columns={useColumns()}
      page={data?.members}
      error={error}
      onRetry={() => reread({ requestPolicy: "network-only" })}
      paging={paging}
      go={go}
      rowKey={({ id }) => id}
    />
  );
}

function useColumns(): Column<MemberRowFragment>[] {
  const say = useSay();
  const self = useViewer()?.member;
  const mayTouch = (member: MemberRowFragment) => self?.role === "OWNER" || member.role !== "OWNER";
  return [
    {
      key: "name",
      header: say("usage.members.name"),
      isRowHeader: true,
      cell: ({ id, name }) => (
        <span className={styles.actions}>
          <bdi className={styles.clip}>{name ?? say("usage.members.erased")}</bdi>
          {id === self?.id && <Badge>{say("usage.members.you")}</Badge>}
        </span>
      ),
    },
    { key: "email", header: say("usage.members.email"), cell: ({ email }) => <bdi className={styles.clip}>{email ?? "–"}</bdi> },
    { key: "role", header: say("usage.members.role"), cell: ({ role }) => <span title={say(`usage.role.${role}.note`)}>{say(`usage.role.${role}`)}</span> },
    { key: "joined", header: say("usage.members.joined"), cell: ({ joinedAt }) => <Instant value={joinedAt} format="date" /> },
    {
      key: "act",
      header: <VisuallyHidden>{say("usage.actions")}</VisuallyHidden>,
      label: say("usage.members.change"),
      align: "end",
      cell: (member) =>
        mayTouch(member) && (
          <>
            <ChangeRole member={member} />
            <RemoveMember member={member} />
          </>
        ),
    },
  ];
}
