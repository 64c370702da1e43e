// The facets beside the list of listings. Each takes one value; the counts say how many listings another would give.
import { FormattedMessage, useIntl, type IntlShape } from "react-intl";
import { useQuery } from "urql";
import { useApiLanguage } from "@/lib/say";
import type { MessageId } from "@/messages";
import { Facets, type FacetValue } from "@/ui/facets";
import { NumberField } from "@/ui/text-field";
import { ListingFacets as Query, type ListingFacetsQuery } from "./listings.generated";
import { CURRENCY, listingsVariables, type FacetSearch, type ListingsChange, type ListingsSearch } from "./listings-search";
import styles from "./listing-facets.module.css";

interface Props {
  search: ListingsSearch;
  onChange: (next: ListingsChange) => void;
}

type Counted = ListingFacetsQuery["listingFacets"];

interface Facet {
  key: keyof FacetSearch;
  title: MessageId;
  values: (counted: Counted) => Counted["kinds"];
  /** The prefix of the words for its values; the API's own label where there is none. */
  words?: string;
}

const FACETS: readonly Facet[] = [
  { key: "kind", title: "store.facet.kind", values: ({ kinds }) => kinds, words: "store.kind." },
  { key: "category", title: "store.facet.category", values: ({ categories }) => categories },
  { key: "meter", title: "store.facet.meter", values: ({ meters }) => meters, words: "store.unit." },
  { key: "free", title: "store.facet.free", values: ({ freeAllowance }) => freeAllowance, words: "store.facet.free." },
  { key: "answering", title: "store.facet.answering", values: ({ answering }) => answering, words: "store.facet.answering." },
  { key: "publisher", title: "store.facet.publisher", values: ({ providerKinds }) => providerKinds, words: "store.publisher." },
  { key: "placement", title: "store.facet.placement", values: ({ placements }) => placements, words: "store.placement." },
  { key: "licence", title: "store.facet.licence", values: ({ licences }) => licences },
];

export function ListingFacets({ search, onChange }: Props) {
  const intl = useIntl();
  const { filter = null, search: looked = null } = listingsVariables(search);
  const [{ data }] = useQuery({ query: Query, variables: { filter, search: looked, language: useApiLanguage() } });
  return (
    <div className={styles.facets}>
      {FACETS.map(({ key, title, values, words }) => {
        const chosen = search[key];
        return (
          <Facets
            key={key}
            title={intl.formatMessage({ id: title })}
            values={(data === undefined ? [] : values(data.listingFacets)).map((value) => worded(value, words, intl))}
            selected={chosen === undefined ? [] : [String(chosen)]}
            onChange={(selected) => onChange({ [key]: valueOf(key, selected.at(-1)) })}
            atFirst={6}
          />
        );
      })}
      <Price search={search} onChange={onChange} />
    </div>
  );
}

function Price({ search, onChange }: Props) {
  const intl = useIntl();
  return (
    <NumberField
      label={intl.formatMessage({ id: "store.facet.price" })}
      description={<FormattedMessage id="store.facet.price.hint" />}
      value={search.price ?? ""}
      onChange={(price) => onChange({ price })}
      scale={12}
      min="0"
      suffix={search.currency ?? CURRENCY}
    />
  );
}

function worded(value: FacetValue, words: string | undefined, intl: IntlShape): FacetValue {
  const id = `${words ?? ""}${value.value}`;
  return words !== undefined && id in intl.messages ? { ...value, label: intl.formatMessage({ id: id as MessageId }) } : value;
}

function valueOf(key: keyof FacetSearch, value: string | undefined): string | boolean | undefined {
  if (value === undefined) return undefined;
  return key === "free" || key === "answering" ? value === "true" : value;
}
