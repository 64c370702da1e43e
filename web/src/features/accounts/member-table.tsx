// The people of the organization and what each may do.
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { oneOf } from "@/lib/search";
import { useViewer } from "@/lib/viewer";
import { Badge } from "@/ui/badge";
import { SelectField } from "@/ui/choice-field";
import type { Column } from "@/ui/data-table";
import { QueryTable } from "@/ui/query-table";
import { Instant } from "@/ui/time";
import { VisuallyHidden } from "@/ui/visually-hidden";
import styles from "./accounts.module.css";
import { ChoiceSelect } from "../usage/choice-select";
import { ChangeRole } from "./change-role";
import { MEMBER_ORDERS, type MemberChoice } from "./choice";
import { memberName } from "./member-name";
import { Members, type MemberRowFragment } from "./members.generated";
import { RemoveMember } from "./remove-member";
import { ROLES } from "./roles";

const TYPES = ["Member"];

interface Props {
  choice: MemberChoice & Paging;
  go: (choice: MemberChoice & Paging) => void;
}

export function MemberTable({ choice, go }: Props) {
  const say = useSay();
  const { role, order, size } = choice;
  return (
    <QueryTable
      query={Members}
      variables={(page) => ({ ...page, filter: { role: role ?? null }, orderBy: order ?? "JOINED" })}
      pick={(data) => data.members}
      additionalTypenames={TYPES}
      caption={say("usage.members.title")}
      columns={useColumns()}
      rowKey={({ id }) => id}
      paging={choice}
      go={(paging) => go({ role, order, ...paging })}
      empty={say("usage.members.none")}
      filters={
        <>
          <ChoiceSelect
            label={say("usage.members.role")}
            value={role}
            choices={ROLES.map((value) => ({ value, label: say(`usage.role.${value}`) }))}
            onChange={(next) => go({ role: oneOf(ROLES, next), order, size })}
          />
          <SelectField
            label={say("usage.order")}
            value={order ?? "JOINED"}
            onChange={(next) => go({ role, order: next, size })}
            choices={MEMBER_ORDERS.map((value) => ({ value, label: say(`usage.members.order.${value}`) }))}
          />
        </>
      }
      csv={{
        filename: "members.csv",
        columns: [
          { header: say("usage.members.name"), value: ({ name }) => name },
          { header: say("usage.members.email"), value: ({ email }) => email },
          { header: say("usage.members.role"), value: (member) => member.role },
          { header: say("usage.members.joined"), value: ({ joinedAt }) => joinedAt },
        ],
      }}
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
          <bdi className={styles.clip}>{memberName({ id, name }, say)}</bdi>
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
