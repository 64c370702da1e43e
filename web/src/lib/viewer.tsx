// The signed-in member with its organization, and one GraphQL client per visitor.
import { createContext, useContext, type ReactNode } from "react";
import { Provider as ClientProvider, useQuery } from "urql";
import { clientOf } from "./client";
import { useSession } from "./session";
import { Viewer, type ViewerQuery } from "./viewer.generated";

/** Who is signed in. */
export type SignedIn = ViewerQuery["viewer"];

const Context = createContext<SignedIn | null>(null);

/** The signed-in member; null for a visitor, and until the platform has answered. */
export function useViewer(): SignedIn | null {
  return useContext(Context);
}

/** The time zone in which the viewer's days begin, as the platform sums them: that of the organization. */
export function useZone(): string {
  return useViewer()?.organization.timeZone ?? "UTC";
}

/** Whether the signed-in member may do what needs a scope. */
export function useMay(scope: SignedIn["scopes"][number]): boolean {
  return useViewer()?.scopes.includes(scope) ?? false;
}

/** Gives each visitor a client of its own: what one has read, the next one does not see. */
export function VisitorProvider({ children }: { children: ReactNode }) {
  const session = useSession();
  const member = session.phase === "member" ? session.memberId : null;
  return (
    <ClientProvider value={clientOf(member)}>
      <ViewerProvider isMember={member !== null}>{children}</ViewerProvider>
    </ClientProvider>
  );
}

/** An organization without a store has none in its answer: opening one must still ask anew. */
export const VIEWER_CONTEXT = { additionalTypenames: ["Provider"] };

function ViewerProvider({ isMember, children }: { isMember: boolean; children: ReactNode }) {
  const [{ data }] = useQuery({ query: Viewer, pause: !isMember, context: VIEWER_CONTEXT });
  return <Context value={isMember ? (data?.viewer ?? null) : null}>{children}</Context>;
}
