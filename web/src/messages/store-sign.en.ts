// Signing in and up in English.
export const storeSignEn = {
  "store.sign.email": "E-mail address",
  "store.sign.password": "Password",
  "store.signIn.title": "Sign in",
  "store.signIn.description": "Sign in to call capabilities under your agreements, read your usage and your invoices.",
  "store.signIn.submit": "Sign in",
  "store.signIn.lapsed": "Your session has ended",
  "store.signIn.lapsed.body": "Sign in again to go on where you were. Nothing was charged meanwhile.",
  "store.signIn.new": "New here?",
  "store.signUp.link": "Sign up an organization",
  "store.signUp.title": "Sign up",
  "store.signUp.lead":
    "An organization buys, sells, or both. Signing up costs nothing; you are charged only for what you use past an offer’s free allowance.",
  "store.signUp.owner": "You, the owner",
  "store.signUp.name": "Your name",
  "store.signUp.password.hint": "At least {min, number} characters.",
  "store.signUp.organization": "Your organization",
  "store.signUp.organizationName": "Name of the organization",
  "store.signUp.country": "Country or region",
  "store.signUp.currency": "Preferred currency",
  "store.signUp.timeZone": "Time zone",
  "store.signUp.timeZone.hint":
    "Billing periods begin at midnight there. Agreements keep the one they were accepted with.",
  "store.signUp.operator": "I run this platform",
  "store.signUp.operatorToken": "Operator token",
  "store.signUp.operatorToken.hint":
    "It makes this organization the operator. The server wrote it to <code>operator-token</code> in its data directory when it first started.",
  "store.signUp.submit": "Sign up",
  "store.signUp.known": "Already signed up?",
};
