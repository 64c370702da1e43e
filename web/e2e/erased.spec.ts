// A person is erased: what the person did stays with its proof, and every page that showed the name says that it is gone.
import type { Page } from "@playwright/test";
import { usageEn } from "../src/messages/usage.en";
import { usageZh } from "../src/messages/usage.zh";
import { LANGUAGES, PEOPLE, SIZES, expectAccessible, settle, signInAs, type Language } from "./people";
import { expect, test, type Platform } from "./platform";
import { RECEIPT, expectSteps } from "./receipt";
import { TEXT, accept, foundBuyer, report, type Buyer } from "./trade";

const SAYS: Record<Language, typeof usageEn> = { en: usageEn, zh: usageZh as typeof usageEn };
const NAME = "Ada Gone";

interface Called {
  member: string;
  invocation: string;
}

/** Adds a member to the buyer's organization who then calls in person. */
async function callInPerson(platform: Platform, { owner }: Buyer, who: string): Promise<Called> {
  const person = { email: `${who}.ada@join.example`, password: "a long enough password" };
  const added = await platform.done<{ member: { id: string } }>(owner, "addMember", "member { id }", { ...person, name: NAME, role: "DEVELOPER" });
  const { session } = await platform.done<{ session: { token: string } }>("", "signIn", "session { token }", person);
  const input = { target: { capability: "chinese-word-segmentation" }, payload: { text: TEXT }, idempotencyKey: crypto.randomUUID() };
  const { invocation } = await platform.done<{ invocation: { id: string } }>(session.token, "invoke", "invocation { id }", input);
  return { member: added.member.id, invocation: invocation.id };
}

/** Each page that shows who called says of the caller of this call: `alone` beside the call, `summed` in sums and filters. */
async function expectCaller(page: Page, language: Language, { member, invocation }: Called, alone: string, summed: string): Promise<void> {
  const says = SAYS[language];
  const filter = page.getByRole("combobox", { name: says["usage.caller"] }).getByRole("option");
  await settle(page, "/usage");
  await expect(page.getByRole("table", { name: says["usage.live.table"] }).getByRole("cell", { name: alone, exact: true })).toBeVisible();

  await settle(page, "/usage/calls");
  const caller = page.getByRole("table", { name: says["usage.calls.title"] }).getByRole("cell", { name: alone, exact: true });
  await expect(caller).toBeVisible();
  await expect(caller.getByTitle(member)).toBeVisible();
  await expect(filter.filter({ hasText: summed })).toHaveAttribute("value", member);

  await settle(page, "/usage/explore?by=PRINCIPAL");
  await expect(page.getByRole("table", { name: says["usage.explore.table"] }).getByRole("rowheader", { name: summed, exact: true })).toBeVisible();
  await expect(filter.filter({ hasText: summed })).toHaveAttribute("value", member);

  await settle(page, `/usage/calls/${invocation}`);
  await expect(page.getByRole("definition").filter({ hasText: alone })).toBeVisible();
  await expectSteps(page, language);
  await expect(page.getByText(RECEIPT[language]["receipt.verdict.good"])).toBeVisible();
}

for (const language of LANGUAGES) {
  const says = SAYS[language];

  test(`every page says that a person is erased, and the receipts hold (${language})`, async ({ openPage, platform }) => {
    test.slow();
    const page = await openPage(language);
    const who = `erased.${language}`;
    const buyer = await foundBuyer(platform, who);
    await accept(platform, buyer);
    const called = await callInPerson(platform, buyer, who);
    const { member } = called;
    const members = page.getByRole("table", { name: says["usage.members.title"] }).getByRole("rowheader");
    await signInAs(page, platform, `${who}@join.example`, "/usage/members", language);
    await expect(members).toContainText([NAME]);
    await expectCaller(page, language, called, NAME, NAME);

    expect(await platform.command("erase", member)).toContain("the key is gone");
    const gone = `${says["usage.members.erased"]} · ${member}`;
    const perhaps = `${says["usage.caller.erasedOrSellers"]} · ${member}`;
    await settle(page, "/usage/members");
    await expect(members).toContainText([gone]);
    await expectCaller(page, language, called, gone, perhaps);
    for (const address of ["/usage/members", "/usage/calls", `/usage/calls/${called.invocation}`, `/usage/explore?by=PRINCIPAL&principal=${member}`]) {
      for (const size of [SIZES.narrow, SIZES.wide]) {
        await page.setViewportSize(size);
        await settle(page, address);
        await expect(page.getByText(NAME)).toHaveCount(0);
        await expectAccessible(page);
      }
    }

    await platform.done(buyer.owner, "removeMember", "removedMemberId", { memberId: member });
    await settle(page, "/usage/members");
    await expect(members).toHaveCount(1);
    await expectCaller(page, language, called, gone, perhaps);
  });
}

test("a seller's person who reported is not taken for an erased one", async ({ page, platform }) => {
  const says = SAYS.en;
  const buyer = await foundBuyer(platform, "reported");
  const agreement = await accept(platform, buyer);
  const { session } = await platform.done<{ session: { token: string; member: { id: string } } }>("", "signIn", "session { token member { id } }", {
    email: PEOPLE.seller,
    password: platform.passwords[PEOPLE.seller],
  });
  await report(platform, agreement, 1, new Date().toISOString(), "1", session.token);
  const { id } = session.member;
  await signInAs(page, platform, "reported@join.example", "/usage/calls");
  await expect(page.getByRole("cell", { name: `${says["usage.caller.sellers"]} · ${id}`, exact: true })).toBeVisible();
  await settle(page, "/usage/explore?by=PRINCIPAL");
  await expect(page.getByRole("rowheader", { name: `${says["usage.caller.erasedOrSellers"]} · ${id}`, exact: true })).toBeVisible();
});
