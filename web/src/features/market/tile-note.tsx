// What a capability costs at least, in few words.
import { FormattedMessage } from "react-intl";
import { trimZeros } from "@/lib/numbers";
import { Money } from "@/ui/numbers";
import type { Tile } from "./tiles";

export function TileNote({ tile }: { tile: Tile }) {
  const { lowest, hasFree } = tile;
  if (lowest === null) return hasFree ? <FormattedMessage id="store.map.free" /> : null;
  return (
    <>
      <FormattedMessage
        id="store.map.from"
        values={{
          price: <Money amount={trimZeros(lowest.min)} currencyCode={lowest.currencyCode} />,
          unit: <FormattedMessage id={`store.unit.${lowest.meter}`} />,
        }}
      />
      {hasFree && (
        <>
          {" · "}
          <FormattedMessage id="store.map.someFree" />
        </>
      )}
    </>
  );
}
