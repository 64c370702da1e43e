// What a page is built of: its header, sections, cards, toolbars and lists of terms.
import { Fragment, useId, type ReactNode } from "react";
import { useIntl } from "react-intl";
import { classNames } from "./class-names";
import styles from "./page.module.css";

interface PageHeaderProps {
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  /** Links from the outermost page inwards, without the page itself. */
  breadcrumbs?: ReactNode[] | undefined;
}

/** Opens a page: its one `h1`, what it is for, and what can be done. */
export function PageHeader({ title, lead, actions, breadcrumbs = [] }: PageHeaderProps) {
  const intl = useIntl();
  return (
    <header className={styles.header}>
      <div className={styles.words}>
        {breadcrumbs.length > 0 && (
          <nav aria-label={intl.formatMessage({ id: "ui.breadcrumbs" })}>
            <ol className={styles.crumbs}>
              {breadcrumbs.map((crumb, index) => (
                <li key={index}>{crumb}</li>
              ))}
            </ol>
          </nav>
        )}
        <h1 className={styles.title}>{title}</h1>
        {lead !== undefined && <p className={styles.lead}>{lead}</p>}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}

interface SectionProps {
  title: ReactNode;
  /** A sentence under the title. */
  note?: ReactNode;
  actions?: ReactNode;
  id?: string | undefined;
  children: ReactNode;
}

/** A part of a page under an `h2`. */
export function Section({ title, note, actions, id, children }: SectionProps) {
  const titleId = useId();
  return (
    <section className={styles.section} id={id} aria-labelledby={titleId}>
      <div className={styles.sectionHead}>
        <h2 className={styles.sectionTitle} id={titleId}>
          {title}
        </h2>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {note !== undefined && <p className={styles.note}>{note}</p>}
      {children}
    </section>
  );
}

/** A sheet of paper on the page. `className` is for the layout around it, not for its looks. */
export function Card({ children, className }: { children: ReactNode; className?: string | undefined }) {
  return <div className={classNames(styles.card, className)}>{children}</div>;
}

/** A row of filters and buttons above what they act on. */
export function Toolbar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.toolbar} role="group" aria-label={label}>
      {children}
    </div>
  );
}

/** Terms and what they are, as a `dl`. Terms without a value are left out. */
export function KeyValue({ entries }: { entries: [term: ReactNode, value: ReactNode][] }) {
  return (
    <dl className={styles.keyValue}>
      {entries
        .filter(([, value]) => value !== null && value !== undefined && value !== false)
        .map(([term, value], index) => (
          <Fragment key={index}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
