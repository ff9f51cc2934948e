"""Does what a test asks for with the Python libraries for ALTCHA: JSON in, JSON out."""

import json
import sys

import altcha
from altcha_solver import AltchaSolver


def solve(challenge, **_):
    """With the vendor's library."""
    if "parameters" in challenge:
        challenge = altcha.Challenge.from_dict(challenge)
        return altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()
    solution = altcha.solve_challenge_v1(
        challenge["challenge"], challenge["salt"], challenge["algorithm"], challenge["maxnumber"]
    )
    return answer_of_version_1(challenge, solution.number)


def solve_with_solver(challenge, **_):
    """With somebody's solver, which is what robots would use."""
    solver = AltchaSolver(max_iterations=10_000_000)
    solution = solver.solve(challenge)
    if "parameters" in challenge:
        return solver.build_payload(challenge, solution)
    return answer_of_version_1(challenge, solution["counter"])


def verify(token, secrets, version, **_):
    """With the vendor's library; true or false."""
    if version == 1:
        passed, _error = altcha.verify_solution_v1(token, secrets["version1"])
        return passed
    return altcha.verify_solution(
        token, secrets["version2"], hmac_key_secret=secrets["solution"]
    ).verified


def answer_of_version_1(challenge, number):
    answer = {key: challenge[key] for key in ("algorithm", "challenge", "salt", "signature")}
    return altcha.PayloadV1(**answer, number=number).to_base64()


request = json.load(sys.stdin)
actions = {"solve": solve, "solve_with_solver": solve_with_solver, "verify": verify}
json.dump(actions[request.pop("action")](**request), sys.stdout)
