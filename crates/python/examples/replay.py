"""Every Run of an account decided again, and the reasons for the largest trade of its last day."""

import sys

import samebits as sb


def main(place: str, account: str) -> None:
    with sb.open(place) as store:
        replays = store.replay(account=account)
        same = sum(replay.identical for replay in replays)
        print(f"{account}: {same} of {len(replays)} Runs have the same bits")
        for replay in replays:
            if not replay.identical:
                print(replay.name, replay.verdict, replay.first_stage, *replay.differences[:3])
        run = store.runs(account=account)[-1]
        trades = run.trades.to_pylist()
        if trades:
            ticker = max(trades, key=lambda trade: trade["notional"])["ticker"]
            print(run.why(ticker)["trades"][0]["sentence"])


if __name__ == "__main__":
    main(*sys.argv[1:3])
