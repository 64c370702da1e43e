// Which keys and members are looked at, and in which order, as the pages' addresses have it.
import type { ApiKeyFilter, ApiKeyOrder, MemberOrder, MemberRole } from "@/gql/types";
import { given, oneOf, textOf } from "@/lib/search";
import { KEY_SCOPES, ROLES, type KeyScope } from "./roles";

export const KEY_STATES = ["works", "revoked"] as const;
export const KEY_ORDERS = ["NEWEST", "OLDEST", "LABEL"] as const satisfies readonly ApiKeyOrder[];
export const MEMBER_ORDERS = ["JOINED", "NEWEST", "ROLE"] as const satisfies readonly MemberOrder[];

export interface KeyChoice {
  search?: string | undefined;
  state?: (typeof KEY_STATES)[number] | undefined;
  scope?: KeyScope | undefined;
  order?: ApiKeyOrder | undefined;
}

export interface MemberChoice {
  role?: MemberRole | undefined;
  order?: MemberOrder | undefined;
}

/** Takes a choice of keys out of an address. */
export function keyChoiceOf(search: Record<string, unknown>): KeyChoice {
  return given({
    search: textOf(search["search"]),
    state: oneOf(KEY_STATES, search["state"]),
    scope: oneOf(KEY_SCOPES, search["scope"]),
    order: oneOf(KEY_ORDERS, search["order"]),
  });
}

/** Takes a choice of members out of an address. */
export function memberChoiceOf(search: Record<string, unknown>): MemberChoice {
  return given({ role: oneOf(ROLES, search["role"]), order: oneOf(MEMBER_ORDERS, search["order"]) });
}

/** The choice as the API takes it. */
export function keyFilter({ search, state, scope }: KeyChoice): ApiKeyFilter {
  return { search: search ?? null, isRevoked: state === undefined ? null : state === "revoked", scope: scope ?? null };
}
