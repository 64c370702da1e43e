// Capabilities as tiles with their names, each a link to its page.
import { Link } from "@tanstack/react-router";
import { useIntl } from "react-intl";
import type { MessageId } from "@/messages";
import { MarketGrid, MarketTile } from "@/ui/market-tile";
import { TileNote } from "./tile-note";
import type { Tile } from "./tiles";

/** `label` names the grid for screen readers: a message, or a name from the catalog. */
export function TileGrid({ label, tiles }: { label: MessageId | { name: string }; tiles: readonly Tile[] }) {
  const intl = useIntl();
  return (
    <MarketGrid label={typeof label === "string" ? intl.formatMessage({ id: label }) : label.name}>
      {tiles.map((tile) => (
        <MarketTile
          key={tile.slug}
          name={tile.name}
          listingCount={tile.isAnswered ? Number(tile.listingCount) : 0}
          {...(tile.isAnswered ? { note: <TileNote tile={tile} /> } : {})}
          link={(className, content) => (
            <Link to="/capabilities/$slug" params={{ slug: tile.slug }} className={className}>
              {content}
            </Link>
          )}
        />
      ))}
    </MarketGrid>
  );
}
