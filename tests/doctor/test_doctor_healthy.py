"""A set-up in good health: all is ok, and nothing is changed by the look."""


async def test_all_is_ok(clinic):
    answer = await clinic.sees(output="text")
    print(answer.out, answer.err)
    assert answer.code == 0
