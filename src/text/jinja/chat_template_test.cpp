#include "text/jinja/chat_template.hpp"

#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::text {
namespace {

using testing::HasSubstr;

constexpr std::string_view kDay = "2026-12-01";

Result<std::string> render(std::string_view source, const boost::json::object& data = {},
                           const jinja::Bounds& bounds = {}) {
  const auto chat = ChatTemplate::parse(source);
  if (!chat) return fail(chat.error());
  return chat->render(data, kDay, bounds);
}

ErrorCode code_of(std::string_view source, const jinja::Bounds& bounds = {}) {
  const auto text = render(source, {}, bounds);
  EXPECT_FALSE(text) << text.value_or("").substr(0, 100);
  return text ? ErrorCode::kInternal : text.error().code;
}

TEST(ChatTemplate, Writes_a_conversation_down) {
  constexpr std::string_view kChatMl =
      "{% for message in messages %}\n"
      "<|im_start|>{{ message.role }}\n{{ message['content'] | trim }}<|im_end|>\n"
      "{% endfor %}\n"
      "{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
  const boost::json::object data =
      boost::json::parse(R"({"add_generation_prompt": true, "messages": [
      {"role": "user", "content": " Hi "}, {"role": "assistant", "content": "Hello"}]})")
          .get_object();
  EXPECT_EQ(render(kChatMl, data).value(),
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n"
            "<|im_start|>assistant\n");
}

TEST(ChatTemplate, Knows_the_day_that_it_is_told) {
  EXPECT_EQ(render("{{ strftime_now('%d %B %Y') }}").value(), "01 December 2026");
}

TEST(ChatTemplate, What_a_template_refuses_is_the_callers_mistake) {
  const auto text = render("{{ raise_exception('roles must alternate') }}");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(text.error().message, HasSubstr("roles must alternate"));
}

TEST(ChatTemplate, What_cannot_be_read_names_the_line) {
  const auto chat = ChatTemplate::parse("a\nb\n{% if x %}\n{{ x | odd }}\n");
  ASSERT_FALSE(chat);
  EXPECT_EQ(chat.error().code, ErrorCode::kMalformed);
  EXPECT_THAT(chat.error().message, HasSubstr("line 4: the name of a filter is wanted, got 'odd'"));
  EXPECT_THAT(ChatTemplate::parse("{% if x %}a").error().message, HasSubstr("{% endif %}"));
}

TEST(ChatTemplate, Loops_without_end_are_stopped) {
  constexpr jinja::Bounds kFew{.steps = 100'000};
  for (const std::string_view source :
       {"{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set x = namespace(a=1) %}{% for i in range(9999) %}{% set x.a = namespace(b=x) %}"
        "{% for j in range(99) %}{% endfor %}{% endfor %}"}) {
    EXPECT_EQ(code_of(source, kFew), ErrorCode::kUnsupported) << source;
  }
}

TEST(ChatTemplate, Texts_without_end_are_stopped) {
  EXPECT_EQ(code_of("{{ 'a' * 999999999 }}"), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of("{% set ns = namespace(a='x') %}{% for i in range(99) %}{% set ns.a = ns.a ~ "
                    "ns.a %}{% endfor %}"),
            ErrorCode::kTooLarge);
  EXPECT_EQ(code_of("{% for i in range(9999) %}{{ 'a' * 9999 }}{% endfor %}"),
            ErrorCode::kTooLarge);
  EXPECT_EQ(code_of("{{ ('a' * 9999)|replace('', 'b' * 99999) }}", {.bytes = 1 << 20}),
            ErrorCode::kTooLarge);
  EXPECT_EQ(code_of("{{ [0] * 999999999 }}"), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of("{{ 'a'|center(999999999) }}"), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of("{{ range(100001) }}"), ErrorCode::kInvalidArgument);
}

TEST(ChatTemplate, What_is_nested_too_deeply_is_not_read) {
  const auto repeated = [](std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  for (const std::string& source :
       {"{{ " + repeated("(", 5000) + "1" + repeated(")", 5000) + " }}",
        "{{ " + repeated("[", 5000) + repeated("]", 5000) + " }}",
        "{{ " + repeated("not ", 5000) + "1 }}", "{{ " + repeated("-", 5000) + "1 }}",
        repeated("{% if 1 %}", 5000), "{{ " + repeated("1 if 1 else ", 5000) + "1 }}"}) {
    const auto chat = ChatTemplate::parse(source);
    ASSERT_FALSE(chat);
    EXPECT_EQ(chat.error().code, ErrorCode::kMalformed);
  }
  EXPECT_FALSE(ChatTemplate::parse(std::string((1 << 20) + 1, 'a')));
}

TEST(ChatTemplate, Values_that_are_small_and_look_large_are_stopped) {
  const std::string two =
      "{% set ns = namespace(a=[], b=[]) %}{% for i in range(60) %}"
      "{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}";
  for (const std::string_view use :
       {"{{ ns.a == ns.b }}", "{{ ns.a < ns.b }}", "{{ ns.a in [ns.b] }}", "{{ ns.a|tojson }}",
        "{{ ns.a }}", "{{ [ns.a, ns.b]|unique }}", "{{ [ns.a].index(ns.b) }}",
        "{{ ns.a|string|length }}"}) {
    const auto text = render(two + std::string(use), {}, {.steps = 200'000, .bytes = 1 << 20});
    ASSERT_FALSE(text) << use;
    EXPECT_THAT(text.error().code, testing::AnyOf(ErrorCode::kUnsupported, ErrorCode::kTooLarge))
        << use;
  }
  constexpr jinja::Bounds kSmall{.bytes = 1 << 20};
  EXPECT_EQ(code_of("{% set x = ['a' * 9999] * 999 %}{{ x|join }}", kSmall), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of("{% set x = ['a' * 9999] * 999 %}{{ x }}", kSmall), ErrorCode::kTooLarge);
}

TEST(ChatTemplate, Values_that_hold_themselves_end) {
  EXPECT_EQ(code_of("{% set ns = namespace() %}{% set ns.a = [] %}{% for i in range(200) %}"
                    "{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}"),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(render("{% set ns = namespace() %}{% set ns.me = ns %}{% set ns.f = [ns] %}{{ "
                   "ns.me.me.f|length }}")
                .value(),
            "1");
}

TEST(ChatTemplate, Many_operators_in_a_row_are_no_depth) {
  std::string sum = "{{ 1";
  for (int i = 0; i < 2000; ++i) sum += " + 1";
  EXPECT_EQ(render(sum + " }}").value(), "2001");
}

TEST(ChatTemplate, A_macro_outlives_the_loop_that_made_it) {
  EXPECT_EQ(
      render("{% set ns = namespace() %}{% for i in [1, 2] %}{% macro m() %}{{ i }}{% endmacro %}"
             "{% set ns.m = m %}{% endfor %}{{ ns.m() }}")
          .value(),
      "2");
}

}  // namespace
}  // namespace npu::text
