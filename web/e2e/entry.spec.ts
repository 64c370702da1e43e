// Coming in: signing up and in, sessions that end, two tabs, addresses that lead nowhere, hostile names.
import { LANGUAGES, SAYS, expectAccessible, signIn } from "./people";
import { expect, test } from "./platform";

const HOSTILE = `<img src=x onerror=alert(1)>&lt;b&gt;${"长".repeat(60)}`;

interface Refused {
  updateOrganization: { errors: { code: string }[] };
}

for (const language of LANGUAGES) {
  const says = SAYS[language];

  test(`a visitor signs up and is signed in (${language})`, async ({ page }) => {
    await page.goto(`/sign-up?lang=${language}`);
    await expectAccessible(page);
    await page.getByLabel(says["store.signUp.name"]).fill("Li Na");
    await page.getByLabel(says["store.sign.email"]).fill(`li.na.${language}@example.org`);
    await page.getByLabel(says["store.sign.password"]).fill("a long enough password");
    await page.getByLabel(says["store.signUp.organizationName"]).fill(`Lakeside ${language}`);
    await page.getByRole("main").getByRole("button", { name: says["store.signUp.submit"] }).click();
    await expect(page.getByRole("button", { name: says["nav.signOut"] })).toBeVisible();
  });
}

test("a wrong password is refused in words and what was typed is kept", async ({ page }) => {
  await page.goto("/sign-in?lang=en");
  await page.getByLabel("E-mail address").fill("owner@library.example");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("E-mail address")).toHaveValue("owner@library.example");
});

test("whoever is sent to sign in comes back to where they were going", async ({ page, platform }) => {
  await page.goto("/usage/invoices?lang=en");
  await expect(page).toHaveURL(/\/sign-in\?/);
  await page.getByLabel("E-mail address").fill("owner@library.example");
  await page.getByLabel("Password").fill(platform.passwords["owner@library.example"] ?? "");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/usage\/invoices/);
});

test("a link that leads to another site after signing in does not", async ({ page, platform }) => {
  await page.goto("/sign-in?lang=en&return=//evil.example/");
  await page.getByLabel("E-mail address").fill("owner@library.example");
  await page.getByLabel("Password").fill(platform.passwords["owner@library.example"] ?? "");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(platform.url);
});

test("a session outlives a reload, is shared by tabs, and ends in all of them at once", async ({ page, platform, context }) => {
  await signIn(page, platform, "buyer", "/usage/agreements");
  await page.reload();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  const second = await context.newPage();
  await second.goto("/usage/keys");
  await expect(second).toHaveURL(/\/usage\/keys/);
  await second.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
});

test("a session that the platform no longer knows leads to signing in, and back", async ({ page, platform, context }) => {
  await signIn(page, platform, "buyer", "/usage/agreements");
  await context.clearCookies();
  await page.goto("/usage/keys");
  await expect(page).toHaveURL(/\/sign-in\?.*return=%2Fusage%2Fkeys/);
});

test("an address that leads nowhere says so", async ({ page }) => {
  const response = await page.goto("/capabilities/no-such-capability?lang=en");
  expect(response?.status()).toBe(404);
  await expectAccessible(page);
});

test("a hostile name stays text", async ({ page, platform }) => {
  await signIn(page, platform, "seller", "/usage/profile");
  const email = "owner@reference.example";
  const input = { email, password: platform.passwords[email] };
  const { session } = await platform.done<{ session: { token: string } }>("", "signIn", "session { token }", input);
  await platform.done(session.token, "updateProfile", "member { id }", { name: HOSTILE });
  await page.reload();
  await expect(page.getByRole("banner").getByText(HOSTILE)).toBeVisible();
  await expectAccessible(page);
});

test("a hostile store and organization stay text, and characters that turn the writing around are refused", async ({ page, platform }) => {
  const seller = await platform.join("hostile", HOSTILE);
  const store = { slug: "hostile", page: { name: { en: HOSTILE }, description: { en: `${HOSTILE} `.repeat(15) }, kind: "COMMUNITY" } };
  await platform.done(seller, "openStore", "provider { id }", store);
  const turned = { name: "gnp.\u202Eexe" };
  const document = "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { errors { code } } }";
  const { updateOrganization } = await platform.ask<Refused>(seller, document, { input: turned });
  expect(updateOrganization.errors).toEqual([{ code: "ORGANIZATION_NAME_INVALID" }]);
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto("/stores/hostile?lang=en");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(HOSTILE);
  await expectAccessible(page);
  await page.goto("/stores?lang=en");
  await expect(page.getByRole("link", { name: HOSTILE })).toBeVisible();
  await expectAccessible(page);
});
