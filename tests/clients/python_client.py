"""python3-socketio against the fixture: a client that shares nothing with those of JavaScript.

python_client.py URL TRANSPORTS [reconnect]: a line of JSON for each scenario, {"scenario": name, "error": null or why}.
With `reconnect` that one alone: it says {"scenario": "connected"} and waits until its server went and came back.
"""
import json
import queue
import sys
import traceback

import engineio.payload
import socketio

engineio.payload.Payload.max_decode_packets = 1000  # of one poll's answer; by default this client gives up at 17
PATIENCE = 20  # seconds, for each thing that is awaited

url, transports = sys.argv[1], sys.argv[2].split(",")
clients = []


def new_client(**options):
    client = socketio.Client(handle_sigint=False, **{"reconnection": False, **options})
    clients.append(client)
    return client


def connect(*namespaces, auth=None, **options):
    client = new_client(**options)
    client.connect(url, namespaces=list(namespaces), transports=transports, auth=auth, wait_timeout=PATIENCE)
    return client


def inbox(client, event, namespace, answer=None):
    """A queue of the arguments of each `event`, which is answered with `answer` where that is asked for."""
    heard = queue.Queue()

    def handler(*args):
        heard.put(list(args))
        return answer

    client.on(event, handler, namespace=namespace)
    return heard


def next_of(heard):
    return heard.get(timeout=PATIENCE)


def ask(client, event, *args, namespace="/fx"):
    return client.call(event, args, namespace=namespace, timeout=PATIENCE)


def operate(client, op, **c):
    return ask(client, "op", {"op": op, **c})


def equal(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def joins_namespaces_and_is_refused_by_others():
    client = connect("/", "/custom", "/fx", "/dyn-1", auth={"token": "x"})
    ids = [client.get_sid(namespace) for namespace in ("/", "/custom", "/fx", "/dyn-1")]
    equal(len(set(ids)), 4)
    info = ask(client, "info", namespace="/dyn-1")
    equal([info["nsp"], info["id"], info["auth"], info["protocol"]], ["/dyn-1", ids[3], {"token": "x"}, 4])
    for namespace, why in (("/no", {"message": "Auth failed (custom namespace)"}),
                           ("/mw", {"message": "not authorized", "data": {"code": 401, "label": "AUTH"}}),
                           ("/unknown", {"message": "Invalid namespace"})):
        other = new_client()
        refused = inbox(other, "connect_error", namespace)
        other.connect(url, namespaces=[namespace], transports=transports, wait=False)
        equal(next_of(refused), [why])


def hears_what_it_said():
    client = connect("/", "/fx")
    back = inbox(client, "echo", "/fx")
    for args in (["a"], [1, "2", {"3": [True, None]}, -0.5], ["ü 𝄞 てすと \u2028"], []):
        client.emit("echo", tuple(args), namespace="/fx")
        equal(next_of(back), args)
    texts = inbox(client, "takeUtf8", "/")
    client.emit("getUtf8")
    heard = [next_of(texts)[0] for _ in range(5)]
    equal(heard, ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"])


def loses_and_doubles_none_of_many_events():
    client = connect("/fx")
    back = inbox(client, "echo", "/fx")
    for n in range(200):
        client.emit("echo", n, namespace="/fx")
    # This client calls each handler on a thread of its own, so that their order says nothing.
    equal(sorted(next_of(back)[0] for _ in range(200)), list(range(200)))
    ask(client, "echo")
    assert back.empty()


def sends_and_hears_binary():
    client = connect("/fx")
    back = inbox(client, "echo", "/fx")
    args = [b"\x00\x01\xff", {"deep": [bytes(3000), "text"]}, b""]
    client.emit("echo", tuple(args), namespace="/fx")
    equal(next_of(back), args)


def asks_and_is_answered():
    client = connect("/fx")
    equal(ask(client, "echo", "one"), "one")
    equal(ask(client, "echo", 1, {"two": [2]}, b"\x03"), (1, {"two": [2]}, b"\x03"))


def is_asked_and_answers():
    client = connect("/fx")
    asked = inbox(client, "question", "/fx", answer=("yes", {"n": 1}, b"\x02"))
    answer = ask(client, "call", "question", ["a", b"b"], 1000 * PATIENCE)
    equal(next_of(asked), ["a", b"b"])
    equal(answer, {"timeout": False, "res": ["yes", {"n": 1}, b"\x02"]})


def hears_its_rooms_and_no_other():
    inside, outside = connect("/fx"), connect("/fx")
    heard_inside, heard_outside = inbox(inside, "news", "/fx"), inbox(outside, "news", "/fx")
    equal(ask(inside, "join", ["a", "b"]), sorted(["a", "b", inside.get_sid("/fx")]))
    operate(outside, "emit", event="news", rooms=["a", "b"], args=["to the rooms"])
    operate(outside, "emit", event="news", args=["to all"])
    equal([next_of(heard_inside), next_of(heard_inside)], [["to the rooms"], ["to all"]])
    equal(next_of(heard_outside), ["to all"])
    ask(inside, "leave", "a")
    operate(outside, "emit", event="news", rooms=["a"], args=["too late"])
    operate(outside, "emit", event="news", args=["end"])
    equal([next_of(heard_inside), next_of(heard_outside)], [["end"], ["end"]])


def is_sent_away():
    client = connect("/fx")
    gone = inbox(client, "disconnect", "/fx")
    client.emit("kick", True, namespace="/fx")
    next_of(gone)


def comes_back():
    client = connect("/fx", reconnection=True, reconnection_delay=0.05, reconnection_delay_max=0.2)
    gone, back = inbox(client, "disconnect", "/fx"), inbox(client, "connect", "/fx")
    first = client.get_sid("/fx")
    print(json.dumps({"scenario": "connected"}), flush=True)
    next_of(gone)
    next_of(back)
    assert client.get_sid("/fx") != first, "the old id"
    equal(ask(client, "echo", "back"), "back")


SCENARIOS = [joins_namespaces_and_is_refused_by_others, hears_what_it_said, loses_and_doubles_none_of_many_events,
             sends_and_hears_binary, asks_and_is_answered, is_asked_and_answers, hears_its_rooms_and_no_other, is_sent_away]

for scenario in [comes_back] if sys.argv[3:] == ["reconnect"] else SCENARIOS:
    error = None
    try:
        scenario()
    except Exception:
        error = traceback.format_exc()
    for each in clients:
        each.disconnect()
    clients.clear()
    print(json.dumps({"scenario": scenario.__name__.replace("_", " "), "error": error}), flush=True)
