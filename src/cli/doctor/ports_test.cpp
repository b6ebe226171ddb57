#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

class DoctorPorts : public MadeUp {
 protected:
  // One that is installed and does not run.
  static ServiceState service() {
    ServiceState state;
    state.service = *find_service("clip");
    state.unit = UnitState{.name = "hailo-clip.service", .load = "loaded", .active = "inactive"};
    state.config = ProgramConfig{};
    state.host = "127.0.0.1";
    state.port = 5000;
    return state;
  }
  Findings check_one(const ServiceState& state) {
    machine_.services = {state};
    const auto findings = check_ports(machine_);
    EXPECT_TRUE(advises(findings));
    return findings;
  }
};

TEST_F(DoctorPorts, What_is_not_installed_or_does_not_run_is_no_finding) {
  EXPECT_TRUE(check_ports(machine_).empty());
  EXPECT_TRUE(check_one(service()).empty());
  auto absent = service();
  absent.unit->load = "not-found";
  EXPECT_TRUE(check_one(absent).empty());
  auto other = service();
  other.config.reset();
  other.config_error = {ErrorCode::kUnsupported, "its unit starts another program: /bin/sleep"};
  EXPECT_TRUE(check_one(other).empty());
}

TEST_F(DoctorPorts, A_port_that_another_program_holds_is_an_error_with_the_setting) {
  auto state = service();
  state.why_not = "port 5000 is held by somebody";
  state.in_way = {{"127.0.0.1", 812, "frigate", "frigate.service"}};
  const auto finding = find(check_one(state), "service.port");
  EXPECT_EQ(finding.level, Level::kError);
  EXPECT_EQ(finding.what,
            "hailo-clip cannot have its port 5000: it is held by frigate (pid 812, "
            "frigate.service)");
  EXPECT_NE(finding.advice.find("server.port in /etc/hailo/hailo-clip.yaml"), std::string::npos);
}

TEST_F(DoctorPorts, A_missing_model_and_a_wrong_configuration_are_told_with_what_to_do) {
  auto state = service();
  state.why_not = "model loading: Model file not found: /x";
  state.model_missing = true;
  state.pull = "hailoctl pull clip";
  EXPECT_EQ(find(check_one(state), "service.model").advice, "Fetch it:  sudo hailoctl pull clip");
  state.config.reset();
  state.config_error = {ErrorCode::kInvalidArgument, "server.port must be a number"};
  EXPECT_EQ(find(check_one(state), "service.config", "server.port must").level, Level::kError);
}

TEST_F(DoctorPorts, One_that_is_ready_is_good_and_one_that_is_not_yet_is_a_warning) {
  auto state = service();
  state.why_not = "manager unavailable";
  EXPECT_EQ(find(check_one(state), "service.ready", "manager unavailable").level, Level::kWarning);
  state.ready = true;
  state.why_not.clear();
  EXPECT_EQ(find(check_one(state), "service.ready", "ready at 127.0.0.1:5000").level, Level::kGood);
}

}  // namespace
}  // namespace npu::cli
