"""Letters by which people offer their meters: few, since they choose to whom and some of what is said."""

from tests.web.auth.conftest import Post, path_in
from tests.web.conftest import OWN, Browser, Site

VICTIM = "victima@ejemplo.example"


async def offer(browser: Browser, address: str) -> str:
    answer = await browser.send(f"/nodos/{OWN}/invitaciones", rol="lector", correo=address)
    text: str = await answer.get_data(as_text=True)
    assert answer.status_code == 200
    return text


async def test_the_link_goes_by_mail(site: Site, post: Post) -> None:
    assert "Se envió a" in await offer(await site.signed_in(), VICTIM)
    letter = await post.letter()
    assert letter.recipients == [VICTIM]
    assert "Casa de ana" in await site.browser().text(path_in(letter))


async def test_an_address_gets_few_and_the_link_is_there_all_the_same(site: Site, post: Post) -> None:
    browser = await site.signed_in()
    for _ in range(3):
        await offer(browser, VICTIM)
    text = await offer(browser, VICTIM.upper())
    assert "no salió" in text
    assert "/invitaciones/" in text
    assert len(await post.letters()) == 3


async def test_a_person_sends_few(site: Site, post: Post) -> None:
    browser = await site.signed_in()
    for i in range(25):
        await offer(browser, f"victima{i}@ejemplo.example")
    assert len(await post.letters()) == 20
