// Small pieces that the console's pages share: who and what, ids, the toolbar's end.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { FormattedMessage } from "react-intl";
import { StatusBadge, type StateName } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import styles from "./operate.module.css";

/** An organization by its name, leading to what the operator knows of it. */
export function OrganizationLink({ organization: { id, name } }: { organization: { id: string; name: string } }) {
  return (
    <Link to="/operate/organizations/$id" params={{ id }}>
      <bdi>{name}</bdi>
    </Link>
  );
}

/** A listing by its name, leading to where it is reviewed, with its slug below. */
export function ListingLines({ id, name, slug }: { id: string; name: string; slug: string }) {
  return (
    <TwoLines
      first={
        <Link to="/operate/review/$id" params={{ id }}>
          <bdi>{name}</bdi>
        </Link>
      }
      second={slug}
    />
  );
}

/** An id in full, to be copied. */
export function Id({ value }: { value: string }) {
  return (
    <span className={styles.row}>
      <code className={styles.mono}>{value}</code>
      <CopyButton text={value} size="small" variant="quiet" />
    </span>
  );
}

/** A line with a smaller one below. */
export function TwoLines({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <span className={styles.stack}>
      <span>{first}</span>
      <span className={styles.soft}>{second}</span>
    </span>
  );
}

/** Takes all filters away; it is there only where one is set. */
export function ClearFilters({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (!isFiltered) return null;
  return (
    <Button variant="quiet" size="small" onPress={onClear}>
      <FormattedMessage id="operate.filters.clear" />
    </Button>
  );
}

/** A state among figures. */
export function StateWord({ state }: { state: StateName }) {
  return (
    <span className={styles.word}>
      <StatusBadge state={state} />
    </span>
  );
}
