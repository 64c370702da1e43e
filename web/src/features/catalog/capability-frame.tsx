// What the pages of one capability share: reading it, and where they stand.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useQuery } from "urql";
import { useHead } from "@/lib/head";
import { useApiLanguage, useSay } from "@/lib/say";
import { Failure } from "@/ui/failure";
import { PageHeader } from "@/ui/page";
import { ErrorState, Skeleton } from "@/ui/state";
import type { Capability } from "./capability-sections";
import { OperateCapability } from "./operate-capabilities.generated";

interface Props {
  slug: string;
  /** The page's name; by default the capability's own. */
  title?: ((capability: Capability) => string) | undefined;
  actions?: ((capability: Capability) => ReactNode) | undefined;
  /** Whether the page lies below that of the capability. */
  isBelow?: boolean;
  children: (capability: Capability) => ReactNode;
}

export function CapabilityFrame({ slug, title, actions, isBelow = false, children }: Props) {
  const say = useSay();
  const [{ data, error }, reread] = useQuery({ query: OperateCapability, variables: { slug, language: useApiLanguage() } });
  const capability = data?.capability ?? null;
  const shown = capability === null ? say("operate.capability") : (title?.(capability) ?? capability.shownName);
  useHead(shown);
  const crumbs = [
    <Link key="all" to="/operate/capabilities">
      {say("operate.capabilities.title")}
    </Link>,
    ...(isBelow && capability !== null
      ? [
          <Link key="one" to="/operate/capabilities/$slug" params={{ slug }}>
            {capability.shownName}
          </Link>,
        ]
      : []),
  ];
  return (
    <>
      <PageHeader title={shown} breadcrumbs={crumbs} actions={capability !== null && actions?.(capability)} />
      {data === undefined && error === undefined && <Skeleton lines={8} />}
      {data === undefined && error !== undefined && <Failure error={error} onRetry={() => reread({ requestPolicy: "network-only" })} />}
      {data !== undefined && capability === null && <ErrorState kind="missing" />}
      {capability !== null && children(capability)}
    </>
  );
}
