// A made-up machine for tests of the doctor: files below a folder, and answers of the probe.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/doctor/doctor.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::cli {

class MadeUp : public testing::Test {
 protected:
  MadeUp() {
    machine_.root = dir_.path("root");
    machine_.client = {.socket_path = dir_.path("device.sock"),
                       .timeout = Millis{5000},
                       .connect_patience = Millis{0}};
    machine_.model_dirs = {dir_.path("models")};
    hardware("{}");
  }

  // Path of this machine for one of the made-up one, in a folder that is there.
  std::string place(const std::string& path) const {
    const std::filesystem::path full = machine_.root + path;
    std::filesystem::create_directories(full.parent_path());
    return full;
  }
  void write(const std::string& path, std::string_view text, mode_t mode = 0644) const {
    std::ofstream(place(path), std::ios::binary) << text;
    ::chmod(place(path).c_str(), mode);
  }
  void hardware(std::string_view text) {
    machine_.hardware = boost::json::parse({text.data(), text.size()}).as_object();
  }
  // A chip on the bus with its module, and the version that all have.
  void healthy() {
    hardware(R"({"pci": [{"address": "0001:01:00.0", "device": "0x45c4", "driver": "hailo1x"}],
                 "drivers": [{"module": "hailo1x_pci", "version": "5.2.0"}],
                 "nodes": [{"class": "hailo_chardev", "path": "/dev/hailo0"}], "holders": []})");
    write("/dev/hailo0", "", 0660);
    versions("5.2.0", "5.2.0");
    scan(R"({"devices": [{"id": "0001:01:00.0", "architecture": "HAILO10H",
                          "firmware": "5.2.0", "temperature_celsius": 51.5}]})");
  }
  void versions(std::string_view library, std::string_view adapter) {
    machine_.versions = boost::json::object{{"library", library}, {"adapter", adapter}};
  }
  void scan(std::string_view text) {
    machine_.scan = boost::json::parse({text.data(), text.size()}).as_object();
  }

  // The finding of a check, whose text holds the words; a failure of the test without.
  static Finding find(const Findings& findings, std::string_view check,
                      std::string_view words = "") {
    const auto found = std::ranges::find_if(findings, [&](const Finding& one) {
      return one.check == check && one.what.find(words) != std::string::npos;
    });
    if (found != findings.end()) return *found;
    std::string all;
    for (const auto& one : findings) all += "\n  " + one.check + ": " + one.what;
    ADD_FAILURE() << "no finding " << check << " with '" << words << "' in" << all;
    return {};
  }
  static bool has(const Findings& findings, std::string_view check) {
    return std::ranges::find(findings, check, &Finding::check) != findings.end();
  }
  static Level worst(const Findings& findings) {
    Level level = Level::kGood;
    for (const auto& one : findings) level = std::max(level, one.level);
    return level;
  }
  // What is bad says what to do, what is good does not.
  static bool advises(const Findings& findings) {
    return std::ranges::all_of(findings, [](const Finding& one) {
      return (one.level == Level::kGood) == one.advice.empty();
    });
  }

  fakes::TempDir dir_;
  Machine machine_;
};

}  // namespace npu::cli
