// The terms of an offer as they will be frozen, and the button that accepts them.
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useMutation } from "urql";
import { useRefusals } from "@/lib/refusals";
import { unanswered } from "@/lib/unanswered";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { FormErrors, type UserErrorLike } from "@/ui/form-errors";
import { KeyValue } from "@/ui/page";
import { useToast } from "@/ui/toast";
import { AcceptOffer } from "./accept.generated";
import styles from "./subscribe-dialog.module.css";
import type { Acceptable } from "./subscribe";
import { TermLines } from "./terms";

interface Props {
  offer: Acceptable;
  listing: { name: string; licence: string | null };
  onClose: () => void;
}

export function SubscribeDialog({ offer, listing, onClose }: Props) {
  const intl = useIntl();
  const { accept, errors, isPending } = useAccept(offer, onClose);
  const subject = { offer: offer.name, listing: listing.name };
  return (
    <Dialog title={intl.formatMessage({ id: "store.subscribe.title" }, subject)} isOpen onOpenChange={(open) => open || onClose()}>
      {(close) => (
        <div className={styles.body}>
          <FormErrors errors={errors} />
          <p>
            <FormattedMessage id="store.subscribe.lead" />
          </p>
          <KeyValue
            entries={[
              [<FormattedMessage id="store.subscribe.terms" />, <TermLines terms={offer.terms} />],
              [<FormattedMessage id="store.subscribe.period" />, <FormattedMessage id={`store.period.${offer.terms.period}`} />],
              [<FormattedMessage id="store.subscribe.version" />, String(offer.priceVersion)],
              [<FormattedMessage id="store.listing.licence" />, listing.licence ?? null],
            ]}
          />
          <div className={styles.actions}>
            <Button variant="primary" isPending={isPending} onPress={() => void accept()}>
              <FormattedMessage id="store.subscribe.accept" />
            </Button>
            <Button onPress={close}>
              <FormattedMessage id="ui.cancel" />
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function useAccept(offer: Acceptable, onDone: () => void) {
  const intl = useIntl();
  const toast = useToast();
  const navigate = useNavigate();
  const inWords = useRefusals("store.refusal");
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const [errors, setErrors] = useState<readonly UserErrorLike[]>([]);
  const [{ fetching }, send] = useMutation(AcceptOffer);
  const accept = async () => {
    const { data, error } = await send({ input: { offerId: offer.id, priceVersion: offer.priceVersion, idempotencyKey } });
    const agreement = data?.acceptOffer.agreement ?? null;
    if (agreement === null) return setErrors(inWords(data?.acceptOffer.errors ?? [unanswered(error)]));
    toast({
      title: intl.formatMessage({ id: "store.subscribe.done" }),
      body: intl.formatMessage({ id: "store.subscribe.done.body" }),
      action: {
        label: intl.formatMessage({ id: "store.subscribe.open" }),
        onAction: () => void navigate({ to: "/usage/agreements/$id", params: { id: agreement.id } }),
      },
    });
    onDone();
  };
  return { accept, errors, isPending: fetching };
}
