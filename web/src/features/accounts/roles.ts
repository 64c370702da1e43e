// Roles and what they may do, as the accounts rules have them.
import type { MemberRole, ScopeName } from "@/gql/types";

export const ROLES: readonly MemberRole[] = ["OWNER", "ADMIN", "DEVELOPER", "FINANCE", "VIEWER"];

/** The scopes that an organization's own keys can carry, in the order in which they are shown. */
export const KEY_SCOPES = ["INVOKE", "USAGE_READ", "USAGE_REPORT", "BILLING_READ", "AGREEMENTS_WRITE", "STORE_WRITE", "ORGANIZATION_WRITE"] as const satisfies readonly ScopeName[];

export type KeyScope = (typeof KEY_SCOPES)[number];

const HOLDERS: Record<KeyScope, readonly MemberRole[]> = {
  INVOKE: ["OWNER", "ADMIN", "DEVELOPER"],
  USAGE_READ: ROLES,
  USAGE_REPORT: ["OWNER", "ADMIN", "DEVELOPER"],
  BILLING_READ: ["OWNER", "ADMIN", "FINANCE", "VIEWER"],
  AGREEMENTS_WRITE: ["OWNER", "ADMIN", "FINANCE"],
  STORE_WRITE: ["OWNER", "ADMIN", "DEVELOPER"],
  ORGANIZATION_WRITE: ["OWNER", "ADMIN"],
};

/** The roles that hold a scope. */
export function holdersOf(scope: KeyScope): readonly MemberRole[] {
  return HOLDERS[scope];
}

/** The scopes that a role holds. */
export function scopesOf(role: MemberRole): KeyScope[] {
  return KEY_SCOPES.filter((scope) => HOLDERS[scope].includes(role));
}
