// Three ways into the market: call, buy, sell, each with where to begin.
import { Link } from "@tanstack/react-router";
import { FormattedMessage } from "react-intl";
import { Card, Section } from "@/ui/page";
import styles from "./ways.module.css";

const STEPS = [1, 2, 3] as const;
const WAYS = [
  { name: "call", to: "/capabilities" },
  { name: "buy", to: "/sign-up" },
  { name: "sell", to: "/sell" },
] as const;

export function Ways() {
  return (
    <Section title={<FormattedMessage id="store.ways.title" />}>
      <ul className={styles.ways}>
        {WAYS.map(({ name, to }) => (
          <li key={name} className={styles.way}>
            <Card>
              <h3>
                <FormattedMessage id={`store.ways.${name}`} />
              </h3>
              <ol className={styles.steps}>
                {STEPS.map((step) => (
                  <li key={step}>
                    <FormattedMessage id={`store.ways.${name}.${step}`} />
                  </li>
                ))}
              </ol>
              <p>
                <Link to={to}>
                  <FormattedMessage id={`store.ways.${name}.go`} />
                </Link>
              </p>
            </Card>
          </li>
        ))}
      </ul>
    </Section>
  );
}
