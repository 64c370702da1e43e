// The document's title and description, in step with the page.
import { useEffect } from "react";
import { useIntl } from "react-intl";

/** Names the page; the product's name is added. A description replaces the site's own while the page is there. */
export function useHead(title: string | undefined, description?: string): void {
  const intl = useIntl();
  const site = intl.formatMessage({ id: "page.description" });
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · Tallystick 算市`;
  }, [title]);
  useEffect(() => {
    document.querySelector('meta[name="description"]')?.setAttribute("content", description ?? site);
  }, [description, site]);
}
