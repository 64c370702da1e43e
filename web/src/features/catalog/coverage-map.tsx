// How much of each category can be called today; a category narrows the list below.
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { shareOf } from "@/lib/numbers";
import { useApiLanguage, useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { Progress, Skeleton } from "@/ui/state";
import styles from "./coverage-map.module.css";
import { OperateCategories } from "./operate-capabilities.generated";

export function CoverageMap() {
  const say = useSay();
  const [{ data, error }, reread] = useQuery({ query: OperateCategories, variables: { language: useApiLanguage() } });
  if (data === undefined) {
    return error === undefined ? <Skeleton lines={4} /> : <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />;
  }
  return (
    <ul className={styles.map}>
      {data.categories.map(({ id, slug, name, capabilityCount, answeredCount }) => (
        <li key={id}>
          <Link to="/operate/capabilities" search={{ category: slug }} className={styles.category}>
            <Progress
              value={shareOf(answeredCount, capabilityCount)}
              label={name}
              text={say("operate.capabilities.coverage.of", { answered: answeredCount, all: capabilityCount })}
            />
          </Link>
        </li>
      ))}
    </ul>
  );
}
