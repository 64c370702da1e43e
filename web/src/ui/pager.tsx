// Goes through a connection page by page. Pages are found by cursor, so there is no jumping to a number.
import { useIntl } from "react-intl";
import { groupDigits } from "../lib/numbers";
import { Button } from "./button";
import { Icon } from "./icons";
import styles from "./pager.module.css";

interface PagerProps {
  /** What is paged through, where a page has several pagers. */
  label?: string | undefined;
  hasPrevious: boolean;
  hasNext: boolean;
  onPrevious: () => void;
  onNext: () => void;
  /** How many there are in all, a whole number as a string. */
  total?: string | undefined;
  /** The place of the first shown, from 1, and how many are shown: `21–40 of 112`. */
  from?: number | undefined;
  shown?: number | undefined;
  pageSize?: number | undefined;
  pageSizes?: number[] | undefined;
  onPageSize?: ((size: number) => void) | undefined;
}

export function Pager(props: PagerProps) {
  const { label, hasPrevious, hasNext, onPrevious, onNext } = props;
  const intl = useIntl();
  return (
    <nav className={styles.pager} aria-label={label ?? intl.formatMessage({ id: "ui.pager.label" })}>
      <p className={styles.total} role="status">
        <Position {...props} />
      </p>
      <PageSize {...props} />
      <div className={styles.buttons}>
        <Button size="small" icon={<Icon name="chevronLeft" />} isDisabled={!hasPrevious} onPress={onPrevious}>
          {intl.formatMessage({ id: "ui.pager.previous" })}
        </Button>
        <Button size="small" isDisabled={!hasNext} onPress={onNext}>
          {intl.formatMessage({ id: "ui.pager.next" })}
          <Icon name="chevronRight" />
        </Button>
      </div>
    </nav>
  );
}

function Position({ total, from, shown }: PagerProps) {
  const intl = useIntl();
  if (total === undefined) return null;
  const all = groupDigits(total);
  if (from === undefined || shown === undefined || shown === 0) {
    return intl.formatMessage({ id: "ui.pager.total" }, { total: all });
  }
  return intl.formatMessage(
    { id: "ui.pager.range" },
    { from: groupDigits(String(from)), to: groupDigits(String(from + shown - 1)), total: all },
  );
}

function PageSize({ pageSize, pageSizes = [20, 50, 100], onPageSize }: PagerProps) {
  const intl = useIntl();
  if (pageSize === undefined || onPageSize === undefined) return null;
  return (
    <label className={styles.size}>
      {intl.formatMessage({ id: "ui.pager.size" })}
      <select className={styles.select} value={pageSize} onChange={(event) => onPageSize(Number(event.target.value))}>
        {pageSizes.map((size) => (
          <option key={size}>{size}</option>
        ))}
      </select>
    </label>
  );
}
