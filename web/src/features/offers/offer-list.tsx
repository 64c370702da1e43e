// The offers on a listing, withdrawn ones among them, with what can be done about each.
import { useState } from "react";
import { useIntl } from "react-intl";
import { useAct } from "@/lib/act";
import { textIn } from "@/lib/localized";
import type { Paging } from "@/lib/paging";
import { useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { ConfirmDialog } from "@/ui/dialog";
import { FormErrors } from "@/ui/form-errors";
import { QuerySection } from "@/ui/query-table";
import { EmptyState } from "@/ui/state";
import { Instant } from "@/ui/time";
import { useToast } from "@/ui/toast";
import { useDeskRefusals } from "../desk/refusals";
import styles from "./offers.module.css";
import { SellOffers, SellWithdrawOffer, type SellOfferFragment } from "./sell-offers.generated";
import { TermsText, useTermsLines } from "./terms-text";

interface Props {
  listing: { id: string; slug: string };
  paging: Paging;
  go: (paging: Paging) => void;
  isReadOnly: boolean;
  onReprice: (offerId: string) => void;
}

/** An empty list has no offer in it: publishing the first one must still ask anew. */
const TYPES = ["Offer"];

export function OfferList({ listing, paging, go, isReadOnly, onReprice }: Props) {
  const say = useSay();
  const lines = useTermsLines();
  return (
    <QuerySection
      query={SellOffers}
      variables={(page) => ({ listingId: listing.id, ...page })}
      pick={({ offers }) => offers}
      additionalTypenames={TYPES}
      caption={say("sell.offers.title")}
      note={say("sell.offers.note")}
      columns={useColumns({ isReadOnly, onReprice })}
      rowKey={({ id }) => id}
      paging={paging}
      go={go}
      nothing={<EmptyState title={say("sell.offers.empty")} body={say("sell.offers.empty.body")} />}
      csv={{
        filename: `offers-${listing.slug}.csv`,
        columns: [
          { header: `${say("sell.offers.column.name")} (English)`, value: ({ nameEn }) => nameEn },
          { header: `${say("sell.offers.column.name")} (中文)`, value: ({ nameZh }) => nameZh },
          { header: say("sell.offers.column.terms"), value: ({ terms }) => lines(terms).join("; ") },
          { header: say("sell.offers.column.version"), value: ({ priceVersion }) => String(priceVersion) },
          { header: say("sell.offers.column.published"), value: ({ publishedAt }) => publishedAt },
          { header: say("sell.offer.withdrawn"), value: ({ isWithdrawn }) => String(isWithdrawn) },
        ],
      }}
    />
  );
}

function useColumns({ isReadOnly, onReprice }: Pick<Props, "isReadOnly" | "onReprice">): Column<SellOfferFragment>[] {
  const say = useSay();
  const { locale } = useIntl();
  const columns: Column<SellOfferFragment>[] = [
    {
      key: "name",
      header: say("sell.offers.column.name"),
      isRowHeader: true,
      cell: ({ nameEn, nameZh, isWithdrawn }) => (
        <>
          <bdi>{textIn({ en: nameEn, zh: nameZh }, locale)}</bdi> {isWithdrawn && <Badge tone="faint">{say("sell.offer.withdrawn")}</Badge>}
        </>
      ),
    },
    { key: "terms", header: say("sell.offers.column.terms"), cell: ({ terms }) => <TermsText terms={terms} /> },
    { key: "version", header: say("sell.offers.column.version"), align: "end", cell: ({ priceVersion }) => priceVersion },
    { key: "published", header: say("sell.offers.column.published"), align: "end", cell: ({ publishedAt }) => <Instant value={publishedAt} format="date" /> },
  ];
  if (isReadOnly) return columns;
  return [
    ...columns,
    {
      key: "actions",
      header: say("sell.offers.column.actions"),
      cell: (offer) =>
        !offer.isWithdrawn && (
          <span className={styles.actions}>
            <Button size="small" onPress={() => onReprice(offer.id)}>
              {say("sell.offer.reprice.start")}
            </Button>
            <Withdraw offer={offer} />
          </span>
        ),
    },
  ];
}

function Withdraw({ offer }: { offer: SellOfferFragment }) {
  const say = useSay();
  const toast = useToast();
  const { locale } = useIntl();
  const [isOpen, setOpen] = useState(false);
  const { run, errors } = useAct(SellWithdrawOffer, (data) => data.withdrawOffer);
  const refused = useDeskRefusals(errors);
  const confirm = async () => {
    if ((await run({ offerId: offer.id })) === null) return false;
    toast({ title: say("sell.offer.withdrawn.done"), tone: "good" });
    return true;
  };
  return (
    <>
      <Button size="small" variant="quiet" onPress={() => setOpen(true)}>
        {say("sell.offer.withdraw")}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={say("sell.offer.withdraw.title", { name: textIn({ en: offer.nameEn, zh: offer.nameZh }, locale) })}
        body={
          <>
            <p>{say("sell.offer.withdraw.body")}</p>
            <FormErrors errors={refused} />
          </>
        }
        confirmLabel={say("sell.offer.withdraw")}
        tone="danger"
        onConfirm={confirm}
      />
    </>
  );
}
