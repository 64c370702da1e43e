// Accepting an offer: a button, and behind it the terms that will be frozen.
import { Link, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { FormattedMessage } from "react-intl";
import { useMay, useViewer } from "@/lib/viewer";
import { useSession } from "@/lib/session";
import { Button } from "@/ui/button";
import { buttonClass } from "@/ui/button-class";
import type { Terms } from "./terms";

const SubscribeDialog = lazy(async () => ({ default: (await import("./subscribe-dialog")).SubscribeDialog }));

/** An offer as it can be accepted. */
export interface Acceptable {
  id: string;
  name: string;
  priceVersion: number;
  terms: Terms;
}

interface Props {
  offer: Acceptable;
  listing: { name: string; licence: string | null };
  /** The organization that sells, where it is known: nobody buys from themselves. */
  sellerId?: string | undefined;
}

/** Leads a visitor to sign in and back, and a member to the terms. */
export function Subscribe({ offer, listing, sellerId }: Props) {
  const { phase } = useSession();
  const viewer = useViewer();
  const mayAccept = useMay("AGREEMENTS_WRITE");
  const here = useRouterState({ select: ({ location }) => location.href });
  const [isOpen, setOpen] = useState(false);
  if (phase !== "member") {
    return (
      <Link to="/sign-in" search={{ return: here }} className={buttonClass("secondary", "small")}>
        <FormattedMessage id="store.subscribe.signIn" />
      </Link>
    );
  }
  if (viewer !== null && viewer.organization.id === sellerId) return <FormattedMessage id="store.subscribe.own" />;
  if (viewer !== null && !mayAccept) return <FormattedMessage id="store.subscribe.forbidden" />;
  return (
    <>
      <Button variant="primary" size="small" onPress={() => setOpen(true)}>
        <FormattedMessage id="store.subscribe" />
      </Button>
      {isOpen && (
        <Suspense>
          <SubscribeDialog offer={offer} listing={listing} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
