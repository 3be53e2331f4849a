//! Every setting of Clarabel that can move a bit, written down.

use clarabel::solver::DefaultSettings;
use samebits_qp::Settings;

/// The settings of `clarabel/1`. No field is left to a default.
pub(super) fn pinned(settings: &Settings) -> DefaultSettings<f64> {
    DefaultSettings {
        max_iter: settings.max_iterations,
        time_limit: f64::INFINITY,
        verbose: false,
        max_step_fraction: 0.99,
        tol_gap_abs: settings.tolerance,
        tol_gap_rel: settings.tolerance,
        tol_feas: settings.tolerance,
        tol_infeas_abs: 1e-8,
        tol_infeas_rel: 1e-8,
        tol_ktratio: 1e-6,
        reduced_tol_gap_abs: 5e-5,
        reduced_tol_gap_rel: 5e-5,
        reduced_tol_feas: 1e-4,
        reduced_tol_infeas_abs: 5e-12,
        reduced_tol_infeas_rel: 5e-5,
        reduced_tol_ktratio: 1e-4,
        equilibrate_enable: true,
        equilibrate_max_iter: 10,
        equilibrate_min_scaling: 1e-4,
        equilibrate_max_scaling: 1e4,
        linesearch_backtrack_step: 0.8,
        min_switch_step_length: 1e-1,
        min_terminate_step_length: 1e-4,
        max_threads: 1,
        direct_kkt_solver: true,
        direct_solve_method: "qdldl".to_owned(),
        static_regularization_enable: true,
        static_regularization_constant: 1e-8,
        static_regularization_proportional: f64::EPSILON * f64::EPSILON,
        dynamic_regularization_enable: true,
        dynamic_regularization_eps: 1e-13,
        dynamic_regularization_delta: 2e-7,
        iterative_refinement_enable: true,
        iterative_refinement_reltol: 1e-13,
        iterative_refinement_abstol: 1e-12,
        iterative_refinement_max_iter: 10,
        iterative_refinement_stop_ratio: 5.0,
        presolve_enable: false,
        input_sparse_dropzeros: false,
    }
}
