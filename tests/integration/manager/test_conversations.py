"""Generation in detail, and conversations that are gone on with."""

import os
import signal
import unittest

from fixture import PICTURE, ManagerTest, infer

END = "<|im_end|>"
ASKED = "<|im_start|>user\n{}" + END + "\n<|im_start|>assistant\n"


class Conversations(ManagerTest):
    MODEL = "chat"

    def ask(self, client, prompt, **data):
        reply = client.call(infer(self.model(self.MODEL), model_type="llm", data={"prompt": prompt, "details": True, **data}))
        return self.assertOk(reply)["result"]

    def first_turn(self, client, words="one two three"):
        """The prompt with its answer, and the number that it is kept under."""
        prompt = ASKED.format(words)
        answer = self.ask(client, prompt, keep_context=True)
        self.assertNotIn("cached_tokens", answer)
        return prompt + answer["text"] + END + "\n", answer["context"]

    def second_turn(self, client, begun, number, words="and four", **data):
        answer = self.ask(client, begun + ASKED.format(words), context=number, **data)
        return answer.get("cached_tokens", 0), answer

    def test_details_tell_what_was_done(self):
        answer = self.ask(self.wire(), ASKED.format("one two three"), max_generated_tokens=2)
        self.assertEqual(answer["stop_reason"], "length")
        self.assertEqual(answer["tokens"], 2)
        self.assertGreater(answer["prompt_tokens"], 0)
        self.assertGreaterEqual(answer["total_ms"], answer["first_token_ms"])

    def test_the_next_turn_reads_only_what_is_new(self):
        client = self.wire()
        begun, number = self.first_turn(client)
        cached, answer = self.second_turn(client, begun, number, keep_context=True)
        self.assertGreater(cached, 0)
        self.assertGreater(answer["prompt_tokens"], cached)
        self.assertEqual(answer["context"], number)

    def test_two_clients_talk_by_turns(self):
        anna, bert = self.wire(name="anna"), self.wire(name="bert")
        begun = [self.first_turn(client) for client in (anna, bert)]
        self.assertNotEqual(begun[0][1], begun[1][1])
        for client, (text, number) in zip((anna, bert), begun):
            cached, _ = self.second_turn(client, text, number, keep_context=True)
            self.assertGreater(cached, 0)

    def test_a_number_is_its_connections_alone(self):
        anna, bert = self.wire(), self.wire()
        begun, number = self.first_turn(anna)
        cached, stolen = self.second_turn(bert, begun, number)
        self.assertEqual(cached, 0)
        cached, own = self.second_turn(anna, begun, number)
        self.assertGreater(cached, 0)
        self.assertEqual(own["text"], stolen["text"])

    def test_a_conversation_ends_with_its_model(self):
        client = self.wire()
        begun, number = self.first_turn(client)
        self.assertOk(client.call({"action": "unload_model", "model_type": "llm", "model_path": self.model(self.MODEL)}))
        cached, _ = self.second_turn(client, begun, number)
        self.assertEqual(cached, 0)

    def test_a_picture_is_shown_once(self):
        client = self.wire()
        prompt = ASKED.format("<|vision_start|><|image_pad|><|vision_end|>what is it")

        def ask(prompt, **data):
            reply = client.call(infer(self.model("chat"), model_type="vlm", data={
                "prompt": prompt, "frames": [PICTURE], "keep_context": True, **data}))
            return self.assertOk(reply)["result"]

        first = ask(prompt)
        second = ask(prompt + first["text"] + END + "\n" + ASKED.format("and why"), context=first["context"])
        self.assertGreater(second["cached_tokens"], 0)
        self.assertEqual(second["context"], first["context"])

    def test_a_number_means_nothing_to_another_model(self):
        client = self.wire()
        begun, number = self.first_turn(client)
        reply = client.call(infer(self.model("slow_chat"), model_type="llm", data={
            "prompt": begun + ASKED.format("x"), "context": number, "details": True, "max_generated_tokens": 1}))
        self.assertNotIn("cached_tokens", self.assertOk(reply)["result"])

    def test_the_worker_may_end_meanwhile(self):
        client = self.wire()
        begun, number = self.first_turn(client)
        os.kill(self.manager.worker("generation"), signal.SIGKILL)
        cached, answer = self.second_turn(client, begun, number)
        self.assertEqual(cached, 0)
        self.assertEqual(answer["stop_reason"], "stop")


class Bound(ManagerTest):
    how = {"config": "limits: {context_bytes: 1048576}\n"}  # one conversation

    def test_over_the_bound_the_oldest_is_forgotten_and_still_answered(self):
        client = self.wire()
        numbers = []
        prompt = ASKED.format("one")
        for _ in range(2):
            reply = client.call(infer(self.model("chat"), model_type="llm", data={"prompt": prompt, "keep_context": True}))
            numbers.append(self.assertOk(reply)["result"])
        for first, cached in ((numbers[1], True), (numbers[0], False)):
            reply = client.call(infer(self.model("chat"), model_type="llm", data={
                "prompt": prompt + first["text"] + END + "\n" + ASKED.format("two"), "context": first["context"],
                "details": True}))
            self.assertEqual("cached_tokens" in self.assertOk(reply)["result"], cached)


if __name__ == "__main__":
    unittest.main()
