package dev.mlp.controlplane.capacity;

/**
 * The machine at a glance.
 *
 * @param memoryMebibytes for instances in all
 * @param reservedMebibytes may be more, after the machine has become smaller
 * @param gpus that instances can have
 * @param reservedGpus of these
 * @param running instance groups that have what they asked for
 * @param waiting instance groups in the queue
 */
public record CapacitySummary(
    long memoryMebibytes,
    long reservedMebibytes,
    int vcpus,
    int gpus,
    int reservedGpus,
    int running,
    int waiting) {}
