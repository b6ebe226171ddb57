// render_template DAY: lines of JSON {"template", "data"} from standard input, what each renders to
// as JSON: {"text"} or {"error"}.
//
// For tests that compare with other implementations.
#include <iostream>
#include <string>

#include "json/parse.hpp"
#include "json/write.hpp"
#include "text/jinja/chat_template.hpp"

namespace {

npu::Result<std::string> rendered(const boost::json::object& asked, std::string_view day) {
  const auto chat =
      npu::text::ChatTemplate::parse(std::string_view(asked.at("template").as_string()));
  if (!chat) return npu::fail(chat.error());
  return chat->render(asked.at("data").as_object(), day);
}

int run(const char* day) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto asked = npu::json::parse(line);
    if (!asked || !asked->is_object()) return 2;
    const auto text = rendered(asked->get_object(), day);
    boost::json::object answer;
    if (text) {
      answer["text"] = *text;
    } else {
      answer["error"] = text.error().message;
    }
    std::cout << npu::json::write(answer) << "\n";
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return argc == 2 ? run(argv[1]) : 2; }
