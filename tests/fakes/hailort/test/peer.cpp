// Another program that uses the chip. Does what its standard input says, a line a command, and
// answers each with a line: a status number, and more where the command has more to tell.
//
//   group NAME       a VDevice of the group
//   load FILE        configures a model
//   llm FILE         a language model
//   generate [MS]    lets it speak; answers when the first token is there, or after this time
//   run COUNT PRIORITY   runs the model COUNT times; answers the milliseconds of the slowest
//   temperature      of a Device
//   drop             destroys everything
#include <algorithm>
#include <iostream>
#include <optional>
#include <sstream>

#include "hailo/hailort.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct Program {
  std::shared_ptr<hailort::VDevice> vdevice;
  std::optional<hailort::ConfiguredInferModel> model;
  std::optional<hailort::genai::LLM> llm;
  std::optional<hailort::genai::LLMGenerator> generator;
  std::optional<hailort::genai::LLMGeneratorCompletion> completion;
  std::string group_name;

  int group(const std::string& name) {
    group_name = name;
    hailo_vdevice_params_t params{};
    hailo_init_vdevice_params(&params);
    params.group_id = group_name.c_str();
    auto made = hailort::VDevice::create_shared(params);
    const auto status = made.status();
    if (made) vdevice = made.release();
    return status;
  }

  int load(const std::string& file) {
    auto made = vdevice->create_infer_model(file);
    if (!made) return made.status();
    auto ready = made.value()->configure();
    const auto status = ready.status();
    if (ready) model = ready.release();
    return status;
  }

  int make_llm(const std::string& file) {
    auto made = hailort::genai::LLM::create(vdevice, hailort::genai::LLMParams(file));
    const auto status = made.status();
    if (made) llm.emplace(made.release());
    return status;
  }

  int generate(int milliseconds) {
    auto made = llm->create_generator();
    if (!made) return made.status();
    generator.emplace(made.release());
    generator->write("go on");
    auto begun = generator->generate();
    if (!begun) return begun.status();
    completion.emplace(begun.release());
    return completion->read(std::chrono::milliseconds(milliseconds)).status();
  }

  std::string run(int count, int priority) {
    model->set_scheduler_priority(static_cast<uint8_t>(priority));
    std::vector<std::uint8_t> in(48);
    std::vector<std::uint8_t> out(20);
    auto bindings =
        model->create_bindings({{"camera/in", hailort::MemoryView(in.data(), in.size())},
                                {"camera/out", hailort::MemoryView(out.data(), out.size())}});
    auto slowest = 0ms;
    for (int i = 0; i < count; ++i) {
      const auto begin = steady_clock::now();
      const auto status = model->run(*bindings, 60s);
      if (status != HAILO_SUCCESS) return std::to_string(status);
      const auto took = steady_clock::now() - begin;
      slowest = std::max(slowest, std::chrono::ceil<std::chrono::milliseconds>(took));
    }
    return "0 " + std::to_string(slowest.count());
  }

  std::string temperature() {
    auto device = hailort::Device::create();
    if (!device) return std::to_string(device.status());
    return std::to_string(device.value()->get_chip_temperature().status());
  }

  void drop() {
    completion.reset();
    generator.reset();
    llm.reset();
    model.reset();
    vdevice.reset();
  }
};

}  // namespace

int main() {
  Program program;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    std::string argument;
    words >> command;
    std::string answer = "0";
    if (command == "group" && words >> argument) {
      answer = std::to_string(program.group(argument));
    } else if (command == "load" && words >> argument) {
      answer = std::to_string(program.load(argument));
    } else if (command == "llm" && words >> argument) {
      answer = std::to_string(program.make_llm(argument));
    } else if (command == "generate") {
      int milliseconds = 60000;
      words >> milliseconds;
      answer = std::to_string(program.generate(words ? milliseconds : 60000));
    } else if (int count = 0, priority = 0; command == "run" && words >> count >> priority) {
      answer = program.run(count, priority);
    } else if (command == "temperature") {
      answer = program.temperature();
    } else {
      program.drop();
    }
    std::cout << answer << std::endl;
  }
  return 0;
}
